// A procedure of four deliberations and two publications: its stations with their records, and what is next.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { discloseDecision, discloseResult, openProcedure, type ProcedureTarget, recordStep } from "../../actions/procedureSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { StepLine } from "../../components/StepLine.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { bodyWord } from "../../format/deliberation.ts";
import { isResolved, stationsOf, stepWord } from "../../format/procedures.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Procedure, ProcedureStatus } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { procedures } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { TopicTitles, useKnownTopic, useTitles } from "../agendas/topicTitles.tsx";
import { ProcedureMarks, ProcedureNext } from "./ProcedureMarks.tsx";
import { StationPanel } from "./StationPanel.tsx";
import "../lists.css";
import "../topics/topics.css";
import "./procedures.css";

export default function ProcedurePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const query = useQuery(`procedure:${id}`, async (signal) => {
    const { procedure } = await procedures.getProcedure({ procedureId: id }, { signal });
    if (!procedure) throw new TypeError("the answer holds no procedure");
    return procedure;
  });
  const procedure = query.data;
  if (!procedure) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("procedures.back"), to: "/procedures" }} /> : <PageSkeleton />;
  return (
    <TopicTitles ids={[procedure.topicId]}>
      <ProcedureView procedure={procedure} onDone={query.reload} />
    </TopicTitles>
  );
}

function ProcedureView({ procedure, onDone }: { procedure: Procedure; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const title = t("procedure.title", { topic: useTitles()(procedure.topicId) });
  usePageTitle(title);
  const stations = stationsOf(procedure);
  return (
    <div className="page" data-testid="procedure-page" data-status={ProcedureStatus[procedure.status].toLowerCase()}>
      <Link className="back" to={`/procedures?area=${procedure.areaCode}`}>
        {t("procedures.back")}
      </Link>
      <div className="page-head">
        <h1>{title}</h1>
        <p className="row">
          <ProcedureMarks procedure={procedure} />
          <span className="quiet">
            {areaName(procedure.areaCode)} · {t("procedure.openedAt", { time: dayAndMinute(msOf(procedure.openedAt) ?? 0, language) })} · {t("procedure.body", { body: t(bodyWord[procedure.body]) })} ·{" "}
            <Link to={`/topics/${procedure.topicId}`}>{t("procedure.topic")}</Link>
          </span>
        </p>
      </div>
      <div className="panel">
        <div className="panel-body">
          <StepLine steps={stations.map((station) => ({ key: station.key, name: t(station.word), state: station.state, note: <Day on={station.on || ("dueOn" in station ? station.dueOn : "")} /> }))} label={t("procedure.line")} testId="procedure-line" />
        </div>
      </div>
      <NextPanel procedure={procedure} onDone={onDone} />
      <ol className="procedure-stations">
        {stations.map((station, at) => (
          <li key={station.key}>
            <StationPanel station={station} nth={at + 1} />
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A day; a phone has no room for its year, which the station below tells. */
function Day({ on }: { on: string }) {
  return (
    <>
      <span className="wide-only">{on.slice(0, 5)}</span>
      {on.slice(5)}
    </>
  );
}

function NextPanel({ procedure, onDone }: { procedure: Procedure; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const topic = useKnownTopic(procedure.topicId);
  const { procedureId, areaCode, topicId } = procedure;
  const target = { procedureId };
  const records = permits.allows("procedure.record", areaCode);
  const choices: Choice<ProcedureTarget>[] = [];
  if (records && procedure.status === ProcedureStatus.OPEN) choices.push({ rpc: "RecordProcedureStep", spec: recordStep(procedure), target, title: t(stepWord[procedure.nextStep]) });
  if (records && procedure.status === ProcedureStatus.RESOLVED) choices.push({ rpc: "DiscloseDecision", spec: discloseDecision, target });
  if (records && procedure.status === ProcedureStatus.DECISION_DISCLOSED) choices.push({ rpc: "DiscloseResult", spec: discloseResult, target });
  const scheduled = topic?.status === TopicStatus.SCHEDULED;
  const adopts = scheduled && isResolved(procedure) && permits.allows("resolution.adopt", areaCode);
  const anew = scheduled && procedure.status === ProcedureStatus.FAILED && permits.allows("procedure.open", areaCode);
  return (
    <div className="panel next-panel">
      <div className="panel-body stack">
        <p className="next-line" data-testid="procedure-next">
          <ProcedureNext procedure={procedure} />
        </p>
        <div className="row">
          <ChoiceBar choices={choices} onDone={onDone} first={choices[0]} />
          {anew && <ChoiceBar choices={[{ rpc: "OpenProcedure", spec: openProcedure, target: { topicId } }]} onDone={onDone} />}
          {adopts && (
            <Link className="button" to={`/topics/${topicId}/adopt?procedure=${procedureId}`} data-testid="adopt-resolution">
              {t("topic.adopt")}
            </Link>
          )}
          {topic?.resolutionId && <Link to={`/resolutions/${topic.resolutionId}`}>{t("resolution.title")}</Link>}
        </div>
      </div>
    </div>
  );
}
