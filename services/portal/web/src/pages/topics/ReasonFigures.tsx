// What speaks for a topic, as figures side by side; nothing of it is weighed.
import { useSpeech } from "../../app/language.tsx";
import type { TopicReasons } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";

export function ReasonFigures({ reasons, small = false }: { reasons: TopicReasons; small?: boolean }) {
  const { t } = useSpeech();
  const figures = [
    [reasons.households, "topic.reason.households"],
    [reasons.buildings, "topic.reason.buildings"],
    [reasons.cases, "topic.reason.cases"],
    [reasons.reopenedCases, "topic.reason.reopened"],
    [reasons.daysOpen, "topic.reason.days"],
  ] as const;
  return (
    <ul className={small ? "reason-figures reason-small" : "reason-figures"} data-testid="topic-reasons">
      {figures.map(([count, word]) => (
        <li key={word}>
          <strong>{count}</strong> <span className="quiet">{t(word)}</span>
        </li>
      ))}
    </ul>
  );
}
