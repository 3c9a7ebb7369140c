// The ladder of a case: which rungs it has been on and where it stands now.
import { useSpeech } from "../../app/language.tsx";
import { type Case, CasePhase, Rung, type TimelineEntry } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { type LadderStep, ladderOf } from "./ladderSteps.ts";

export function Ladder({ found, entries }: { found: Case; entries: readonly TimelineEntry[] }) {
  const { t } = useSpeech();
  const steps = ladderOf(found, new Set(entries.map((entry) => entry.event)));
  return (
    <ol className="ladder" data-testid="ladder" data-rung={Rung[found.rung].toLowerCase()} data-phase={CasePhase[found.phase].toLowerCase()}>
      {steps.map((step) => (
        <li key={step.name} className={`rung rung-${step.state}`} aria-current={step.state === "here" ? "step" : undefined}>
          <span className="rung-dot" aria-hidden="true" />
          <span className="rung-name">{t(`case.ladder.${step.name}`)}</span>
          <span className="rung-note">{noteOf(step)}</span>
        </li>
      ))}
    </ol>
  );

  function noteOf(step: LadderStep): string {
    if (step.state === "here") return t("case.here");
    if (step.name === "estate") return t("case.ladder.estateNote");
    if (step.name === "departments") return t("case.ladder.departmentsNote");
    return "";
  }
}
