// The cases that need somebody, each with what is late and where.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { knownKey } from "../../app/words/index.ts";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { durationInWords } from "../../format/durations.ts";
import { msOf } from "../../format/times.ts";
import type { CaseLine } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";

export function AttentionList({ lines }: { lines: readonly CaseLine[] }) {
  const { t } = useSpeech();
  if (lines.length === 0) return <EmptyNote>{t("board.attentionEmpty")}</EmptyNote>;
  return (
    <ul className="attention" data-testid="attention-list">
      {lines.map((line) => (
        <AttentionLine key={line.caseId} line={line} />
      ))}
    </ul>
  );
}

function AttentionLine({ line }: { line: CaseLine }) {
  const { t, language } = useSpeech();
  const { areaName, categoryName } = useReference();
  const { permits } = usePerson();
  const now = useNow();
  const due = msOf(line.dueAt);
  const left = due === undefined ? undefined : due - now;
  const late = line.overdue || (left !== undefined && left < 0);
  const phase = knownKey(`case.phase.${line.phase}`);
  const title = categoryName(line.categoryCode);
  return (
    <li>
      <span className="attention-title">
        {permits.holds("case.read") ? (
          <Link to={`/case/${line.caseId}`} data-testid={`attention-${line.caseId}`}>
            {title}
          </Link>
        ) : (
          title
        )}
      </span>
      <span className={late ? "attention-clock bad" : "attention-clock"}>
        {left !== undefined && t(late ? "clock.over" : "clock.left", { length: durationInWords(left, language) })}
      </span>
      <span className="quiet">{areaName(line.areaCode.slice(0, 12))}</span>
      <span className="attention-phase">
        <Mark tone="neutral">{phase ? t(phase) : line.phase}</Mark>
      </span>
    </li>
  );
}
