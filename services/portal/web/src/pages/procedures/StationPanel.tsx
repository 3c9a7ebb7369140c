// One station of a procedure: its record with counts against what it must reach, or its publication with its day.
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { shareInWords } from "../../format/deliberation.ts";
import type { Station } from "../../format/procedures.ts";
import type { ProcedureThreshold, StepRecord } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { ShareBar } from "../ballots/ResultPanel.tsx";
import { Hex } from "../ballots/RecordPanel.tsx";
import "../ballots/ballots.css";

export function StationPanel({ station, nth }: { station: Station; nth: number }) {
  const { t } = useSpeech();
  return (
    <Panel title={`${nth}. ${t(station.word)}`} aside={<StationMark station={station} />} className={`station station-${station.state}`} testId={station.key}>
      {"step" in station ? <StepPart station={station} /> : <PublicationPart station={station} />}
    </Panel>
  );
}

function StationMark({ station }: { station: Station }) {
  const { t } = useSpeech();
  if ("step" in station) return station.record ? <Mark tone={station.record.passed ? "good" : "warn"}>{t(station.record.passed ? "procedure.passed" : "procedure.missed")}</Mark> : null;
  if (station.overdue) return <Mark tone="bad">{t("procedure.overdueMark")}</Mark>;
  return station.made?.late ? <Mark tone="bad">{t("procedure.late")}</Mark> : null;
}

function StepPart({ station }: { station: Extract<Station, { step: unknown }> }) {
  const { t } = useSpeech();
  const { record, threshold, merged } = station;
  return (
    <div className="stack">
      {!record && <p className="quiet">{t("procedure.notYet")}</p>}
      {record && merged && <p>{t("procedure.mergedWith")}</p>}
      {record && <RecordPart record={record} threshold={threshold} merged={merged} />}
      {threshold && <Rules threshold={threshold} />}
    </div>
  );
}

function RecordPart({ record, threshold, merged }: { record: StepRecord; threshold: ProcedureThreshold | undefined; merged: boolean }) {
  const { t } = useSpeech();
  return (
    <>
      <Pairs>
        <Pair name={t("procedure.heldOn")}>{record.heldOn}</Pair>
        {record.announcedOn && <Pair name={t("procedure.announcedOn")}>{record.announcedOn}</Pair>}
      </Pairs>
      {threshold?.quorum && <ShareBar name={t("procedure.presentBar")} part={BigInt(record.present)} whole={BigInt(record.entitled)} share={threshold.quorum} />}
      {threshold?.approval && <ShareBar name={t("procedure.favourBar")} part={BigInt(record.inFavour)} whole={BigInt(record.present)} share={threshold.approval} />}
      {!merged && <p className="topic-question prewrap">{record.text}</p>}
      {!merged && record.mergeReason && <p className="quiet">{t("procedure.mergeReason", { reason: record.mergeReason })}</p>}
      {!merged && record.attachmentSha256 && <Hex name={t("procedure.attachment")} value={record.attachmentSha256} />}
    </>
  );
}

function Rules({ threshold }: { threshold: ProcedureThreshold }) {
  const { t, language } = useSpeech();
  const { quorum, approval, noticeDays, source } = threshold;
  return (
    <p className="quiet">
      {quorum && approval && t("procedure.needs", { quorum: shareInWords(quorum, language), approval: shareInWords(approval, language) })}
      {noticeDays > 0 && ` · ${t("procedure.notice", { n: noticeDays })}`}
      <br />
      {t("procedure.source", { source })}
    </p>
  );
}

function PublicationPart({ station }: { station: Extract<Station, { disclosure: unknown }> }) {
  const { t } = useSpeech();
  const { made, dueOn } = station;
  return (
    <div className="stack">
      {made ? (
        <>
          <p>{t("procedure.disclosedOn", { day: made.disclosedOn })}</p>
          <p className="topic-question prewrap">{made.text}</p>
          {made.attachmentSha256 && <Hex name={t("procedure.attachment")} value={made.attachmentSha256} />}
        </>
      ) : (
        <p className="quiet">{t("procedure.notPublic")}</p>
      )}
      <p className="quiet">{dueOn ? t("procedure.dueOn", { day: dueOn }) : t("procedure.dueUnknown")}</p>
    </div>
  );
}
