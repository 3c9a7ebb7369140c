// What the case is called and where it stands, in two lines.
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { Mark } from "../../components/Mark.tsx";
import { casePhaseTone, casePhaseWord, rungWord } from "../../format/vocabulary.ts";
import { type Case, CasePhase, Urgency } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";

export function CaseHeading({ found }: { found: Case }) {
  const { t } = useSpeech();
  const { categoryName } = useReference();
  return (
    <div className="page-head case-head">
      <p className="case-number" data-testid="case-number">
        {found.caseNumber}
      </p>
      <h1 data-testid="case-title">{found.title}</h1>
      <p className="row">
        <span data-testid="case-phase" data-phase={CasePhase[found.phase].toLowerCase()}>
          <Mark tone={casePhaseTone[found.phase]}>{t(casePhaseWord[found.phase])}</Mark>
        </span>
        {found.urgency === Urgency.URGENT && <Mark tone="bad">{t("case.urgent")}</Mark>}
        <Mark tone="neutral">{t(rungWord[found.rung])}</Mark>
        {found.round > 1 && <Mark tone="warn">{t("case.round", { n: found.round })}</Mark>}
        <span className="quiet">{categoryName(found.categoryCode)}</span>
      </p>
    </div>
  );
}
