// Where a topic is talked over and decided without a ballot: its meetings, and its procedure of four deliberations.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { openProcedure } from "../../actions/procedureSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { meetingStatusTone, meetingStatusWord } from "../../format/meetings.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type MeetingSummary, MeetingStatus } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { type Procedure, ProcedureStatus } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { meetings, procedures } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { ProcedureMarks, ProcedureNext } from "../procedures/ProcedureMarks.tsx";

export function MeetingStation({ topic, onDone }: { topic: Topic; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const areaCode = topic.areaCode.slice(0, 12);
  // The services list them by area only, so those of this topic are looked for among the newest.
  const query = useQuery(`meetings-of:${topic.topicId}`, async (signal) => {
    const [met, gone] = await Promise.all([meetings.listMeetings({ areaCode, pageSize: 200 }, { signal }), procedures.listProcedures({ areaCode, pageSize: 50 }, { signal })]);
    return { met: met.meetings.filter((one) => one.topicIds.includes(topic.topicId)), gone: gone.procedures.filter((one) => one.topicId === topic.topicId) };
  });
  const { met = [], gone = [] } = query.data ?? {};
  const scheduled = topic.status === TopicStatus.SCHEDULED;
  const opens = scheduled && query.data && gone.every((one) => one.status === ProcedureStatus.FAILED) && permits.allows("procedure.open", areaCode);
  const convenes = scheduled && topic.agendaId !== "" && permits.allows("meeting.convene", areaCode);
  const done = () => {
    query.reload();
    onDone();
  };
  return (
    <Panel title={t("topic.station.meetings")} testId="station-meetings">
      <div className="stack">
        {query.failure && <FailureLine failure={query.failure} onRetry={query.reload} />}
        {query.data && met.length === 0 && gone.length === 0 && <EmptyNote>{t("topic.noMeetings")}</EmptyNote>}
        <ul className="similar">
          {met.map((meeting) => (
            <MeetingItem key={meeting.meetingId} meeting={meeting} />
          ))}
          {gone.map((procedure) => (
            <ProcedureItem key={procedure.procedureId} procedure={procedure} />
          ))}
        </ul>
        {(convenes || opens) && (
          <div className="row">
            {convenes && (
              <Link className="button" to={`/agendas/${topic.agendaId}/convene?topic=${topic.topicId}`} data-testid="convene">
                {t("convene.title")}
              </Link>
            )}
            {opens && <ChoiceBar choices={[{ rpc: "OpenProcedure", spec: openProcedure, target: { topicId: topic.topicId } }]} onDone={done} />}
          </div>
        )}
      </div>
    </Panel>
  );
}

function MeetingItem({ meeting }: { meeting: MeetingSummary }) {
  const { t, language } = useSpeech();
  const { convenedAt, openedAt, present, seats, carried, lost } = meeting;
  return (
    <li>
      <span className="row">
        <Mark tone={meetingStatusTone[meeting.status]}>{t(meetingStatusWord[meeting.status])}</Mark>
        <Link to={`/meetings/${meeting.meetingId}`}>
          {t("topics.meetings")} · {dayAndMinute(msOf(openedAt ?? convenedAt) ?? 0, language)}
        </Link>
      </span>
      {meeting.status !== MeetingStatus.CONVENED && <span className="quiet">{t("meetings.line", { present, seats, carried, lost })}</span>}
    </li>
  );
}

function ProcedureItem({ procedure }: { procedure: Procedure }) {
  const { t } = useSpeech();
  return (
    <li>
      <span className="row">
        <ProcedureMarks procedure={procedure} />
        <Link to={`/procedures/${procedure.procedureId}`}>{t("topics.procedures")}</Link>
      </span>
      <span className="quiet">
        <ProcedureNext procedure={procedure} />
      </span>
    </li>
  );
}
