// The meetings of a community, newest first.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { Mark } from "../../components/Mark.tsx";
import { meetingStatusTone, meetingStatusWord } from "../../format/meetings.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { MeetingStatus, type MeetingSummary } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import { TopicTitles } from "../agendas/topicTitles.tsx";
import { AreaList } from "../topics/AreaList.tsx";
import { useMeetingTitle } from "./meetingTitle.ts";

export default function MeetingsPage() {
  return (
    <AreaList
      name="meetings"
      about="meetings.about"
      read={async (areaCode, pageToken, signal) => {
        const answer = await meetings.listMeetings({ areaCode, pageSize: 50, pageToken }, { signal });
        return { rows: answer.meetings, nextPageToken: answer.nextPageToken };
      }}
      card={(meeting) => <MeetingCard key={meeting.meetingId} meeting={meeting} />}
      around={(rows, cards) => <TopicTitles ids={[...new Set(rows.flatMap((meeting) => meeting.topicIds.slice(0, 1)))]}>{cards}</TopicTitles>}
    />
  );
}

function MeetingCard({ meeting }: { meeting: MeetingSummary }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const title = useMeetingTitle();
  const time = (at: typeof meeting.openedAt) => dayAndMinute(msOf(at) ?? 0, language);
  return (
    <li className="panel card" data-testid={`meeting-${meeting.meetingId}`}>
      <p className="row">
        <Mark tone={meetingStatusTone[meeting.status]}>{t(meetingStatusWord[meeting.status])}</Mark>
        <span className="quiet">
          {areaName(meeting.areaCode)} · {meeting.openedAt ? t("meeting.openedAt", { time: time(meeting.openedAt) }) : t("meeting.convenedAt", { time: time(meeting.convenedAt) })}
        </span>
      </p>
      <h2 className="card-title">
        <Link to={`/meetings/${meeting.meetingId}`}>{title(meeting)}</Link>
      </h2>
      {meeting.status !== MeetingStatus.CONVENED && <p className="quiet">{t("meetings.line", { present: meeting.present, seats: meeting.seats, carried: meeting.carried, lost: meeting.lost })}</p>}
    </li>
  );
}
