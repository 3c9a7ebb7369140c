// The room of a meeting, live: what comes next, who speaks, the seats, the motion, and everything that was decided.
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { shareInWords } from "../../format/deliberation.ts";
import { meetingStatusTone, meetingStatusWord, neededOf } from "../../format/meetings.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Meeting, MeetingStatus, MotionPhase } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { TopicTitles, useTitles } from "../agendas/topicTitles.tsx";
import { DecidedPanel } from "./DecidedPanel.tsx";
import { FloorPanel } from "./FloorPanel.tsx";
import { MinutesPanel } from "./MinutesPanel.tsx";
import { MotionPanel } from "./MotionPanel.tsx";
import { NextStep } from "./NextStep.tsx";
import { MeetingRoomProvider, useMeetingRoom } from "./room.tsx";
import { RulingsPanel } from "./RulingsPanel.tsx";
import { SeatsPanel } from "./SeatsPanel.tsx";
import { SpeakingTimePanel } from "./SpeakingTimePanel.tsx";
import { useMeeting } from "./useMeeting.ts";
import { useMeetingTitle } from "./meetingTitle.ts";
import "../lists.css";
import "../topics/topics.css";
import "./meetings.css";

export default function MeetingPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const watched = useMeeting(id);
  const { data: meeting, failure, reload } = watched.query;
  if (!meeting) return failure ? <Unreadable failure={failure} onRetry={reload} back={{ label: t("meetings.back"), to: "/meetings" }} /> : <PageSkeleton />;
  return (
    <TopicTitles ids={meeting.topicIds}>
      <MeetingRoomProvider key={id} meeting={meeting} watched={watched}>
        <div className="page" data-testid="meeting-page" data-status={MeetingStatus[meeting.status].toLowerCase()}>
          <MeetingHead />
          <StaleLine failure={watched.stale} />
          <Room meeting={meeting} />
        </div>
      </MeetingRoomProvider>
    </TopicTitles>
  );
}

function Room({ meeting }: { meeting: Meeting }) {
  const held = meeting.openedAt !== undefined;
  if (meeting.status === MeetingStatus.CLOSED) {
    return (
      <div className="meeting-columns">
        <div className="meeting-main">
          <DecidedPanel />
          <RulingsPanel />
          <MinutesPanel />
        </div>
        <div className="meeting-side">
          {held && <SpeakingTimePanel />}
          <SeatsPanel />
        </div>
      </div>
    );
  }
  return (
    <>
      <div className="meeting-columns">
        <div className="meeting-main">
          <NextStep />
          {meeting.motion?.phase === MotionPhase.DEBATED && <FloorPanel />}
          <SeatsPanel />
        </div>
        {held && (
          <div className="meeting-side">
            <MotionPanel />
            <SpeakingTimePanel />
            {meeting.decided.length > 0 && <DecidedPanel />}
            {meeting.rulings.length > 0 && <RulingsPanel />}
          </div>
        )}
      </div>
      <MinutesPanel />
    </>
  );
}

function MeetingHead() {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const { meeting, marked } = useMeetingRoom();
  const titles = useTitles();
  const title = useMeetingTitle()(meeting);
  usePageTitle(title);
  const { bylaws, seats, status } = meeting;
  const present = status === MeetingStatus.CONVENED ? marked.size : seats.filter((seat) => seat.present).length;
  const needed = bylaws?.quorum && neededOf(seats.length, bylaws.quorum);
  const time = (at: typeof meeting.openedAt) => dayAndMinute(msOf(at) ?? 0, language);
  return (
    <>
      <Link className="back" to={`/meetings?area=${meeting.areaCode}`}>
        {t("meetings.back")}
      </Link>
      <div className="page-head">
        <h1>{title}</h1>
        <p className="row">
          <Mark tone={meetingStatusTone[status]}>{t(meetingStatusWord[status])}</Mark>
          {status === MeetingStatus.OPEN && <Mark tone={meeting.quorate ? "good" : "bad"}>{t(meeting.quorate ? "meeting.quorate" : "meeting.notQuorate")}</Mark>}
          {bylaws?.quorum && needed !== undefined && (
            <span data-testid="quorum">{t("meeting.quorum", { present, seats: seats.length, needed, share: shareInWords(bylaws.quorum, language) })}</span>
          )}
        </p>
        <p className="row quiet">
          <span>{areaName(meeting.areaCode)}</span>
          <span>{t("meeting.convenedAt", { time: time(meeting.convenedAt) })}</span>
          {meeting.openedAt && <span>{t("meeting.openedAt", { time: time(meeting.openedAt) })}</span>}
          {meeting.closedAt && <span>{t("meeting.closedAt", { time: time(meeting.closedAt) })}</span>}
          <Link to={`/agendas/${meeting.agendaId}`}>{t("meeting.agenda")}</Link>
          {meeting.topicIds.map((topicId) => (
            <Link key={topicId} to={`/topics/${topicId}`}>
              {titles(topicId)}
            </Link>
          ))}
        </p>
      </div>
    </>
  );
}
