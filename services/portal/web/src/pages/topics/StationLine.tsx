// The stations of a topic in one line: raised, on an agenda, voted on, resolved.
import { useSpeech } from "../../app/language.tsx";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import "../case/case.css";

const STATIONS = ["reasons", "agenda", "ballots", "resolution"] as const;

export function StationLine({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const here = stationOf(topic);
  return (
    <ol className="ladder stations" aria-label={t("topic.life")} data-testid="stations" data-station={STATIONS[here]}>
      {STATIONS.map((station, index) => {
        const state = index < here ? "passed" : index === here ? "here" : "ahead";
        return (
          <li key={station} className={`rung rung-${state}`} aria-current={state === "here" ? "step" : undefined}>
            <span className="rung-dot" aria-hidden="true" />
            <span className="rung-name">{t(`topic.station.${station}`)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function stationOf(topic: Topic): number {
  switch (topic.status) {
    case TopicStatus.RESOLVED:
      return 3;
    case TopicStatus.SCHEDULED:
      return 2;
    case TopicStatus.OPEN:
      return topic.agendaId ? 1 : 0;
    case TopicStatus.UNSPECIFIED:
    case TopicStatus.MERGED:
    case TopicStatus.DECLINED:
      return 0;
  }
}
