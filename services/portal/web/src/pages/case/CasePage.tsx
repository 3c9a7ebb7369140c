// The page of a case: what is the matter, how much time is left, where it stands, who is called, what happened.
import { useParams } from "react-router";
import { ActionBar } from "../../actions/ActionBar.tsx";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { ClockLine } from "../../components/ClockLine.tsx";
import { EmptyNote, ErrorNotice, FailureLine, StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { clocksOfCase } from "../../format/clocks.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Case } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { JudgeTogether } from "../rooms/JudgeTogether.tsx";
import { WhistleCards } from "../whistle/WhistleCards.tsx";
import { CaseFacts } from "./CaseFacts.tsx";
import { CaseHeading } from "./CaseHeading.tsx";
import { ContactPanel } from "./ContactPanel.tsx";
import { Ladder } from "./Ladder.tsx";
import { Timeline } from "./Timeline.tsx";
import { useCase } from "./useCase.ts";
import "./case.css";

export default function CasePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { detail, whistle, timeline, stale, showMore, reload } = useCase(id);
  const found = detail.data?.case;
  usePageTitle(found && t("case.title", { number: found.caseNumber }));

  if (!found) return detail.failure ? <ErrorNotice failure={detail.failure} onRetry={detail.reload} /> : <PageSkeleton blocks={4} />;
  const called = whistle.query.data?.whistle;
  const actions = detail.data?.actions ?? [];
  const area = found.place?.areaCode ?? "";
  const showsContact = permits.allows("contact.read", area) || permits.allows("contact.audit", area);
  return (
    <div className="page" data-testid="case-page" data-version={found.version.toString()}>
      <StaleLine failure={stale} />
      <CaseHeading found={found} />
      <div className="case-columns">
        <div className="case-main">
          <Panel title={t("case.ladder")} className="case-ladder">
            <Ladder found={found} entries={timeline.data?.entries ?? []} />
          </Panel>
          {called && <WhistleCards whistle={called} actions={whistle.query.data?.actions ?? []} suspension={found.suspension} onDone={reload} />}
          {!called && whistle.query.failure && <FailureLine failure={whistle.query.failure} onRetry={whistle.query.reload} />}
          <Timeline timeline={timeline} onMore={showMore} />
        </div>
        <div className="case-side">
          <Panel title={t("actions.title")} className="case-actions" testId="case-actions">
            {actions.length > 0 ? <ActionBar actions={actions} caseId={found.caseId} whistleId={whistle.whistleId} onDone={reload} leading /> : <EmptyNote>{t("actions.none")}</EmptyNote>}
            <JudgeTogether caseId={found.caseId} areaCode={area} className="button case-judge" />
          </Panel>
          <Panel title={t("case.clocks")} className="case-clocks" testId="case-clocks">
            <SuspensionLine found={found} />
            {clocksOfCase(found).length === 0 && <EmptyNote>{t("case.clocksEmpty")}</EmptyNote>}
            <ul className="clocks">
              {clocksOfCase(found).map((clock, index) => (
                // A kind comes again with every round; the list only grows.
                <ClockLine key={index} clock={clock} suspension={found.suspension} />
              ))}
            </ul>
          </Panel>
          <CaseFacts found={found} />
          {showsContact && <ContactPanel found={found} />}
        </div>
      </div>
    </div>
  );
}

function SuspensionLine({ found }: { found: Case }) {
  const { t, language } = useSpeech();
  if (!found.suspension) return null;
  const until = msOf(found.suspension.untilAt);
  return (
    <p className="suspension" data-testid="suspension">
      <strong>{until === undefined ? t("case.suspensionAsked") : t("case.suspended", { until: dayAndMinute(until, language) })}</strong>
      <span>{t("case.suspensionReason", { reason: found.suspension.reason })}</span>
    </p>
  );
}
