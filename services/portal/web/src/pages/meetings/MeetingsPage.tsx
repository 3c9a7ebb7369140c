// The meetings of a community, newest first.
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { meetingStatusTone, meetingStatusWord } from "../../format/meetings.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { MeetingStatus, type MeetingSummary } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { TopicTitles } from "../agendas/topicTitles.tsx";
import { AreaChoice, DeliberationTabs } from "../topics/DeliberationTabs.tsx";
import { useMeetingTitle } from "./meetingTitle.ts";
import "../lists.css";
import "../topics/topics.css";

export default function MeetingsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  usePageTitle(t("meetings.title", { area: areaName(area) }));
  const list = usePages(own === "" ? undefined : `meetings:${area}`, async (pageToken, signal) => {
    const answer = await meetings.listMeetings({ areaCode: area, pageSize: 50, pageToken }, { signal });
    return { rows: answer.meetings, nextPageToken: answer.nextPageToken };
  });
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  return (
    <div className="page" data-testid="meetings">
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{t("meetings.title", { area: areaName(area) })}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={(value) => setQuery({ area: value }, { replace: true })} />
        </div>
      </div>
      <p className="quiet">{t("meetings.about")}</p>
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t("meetings.empty")}</EmptyNote>
            </div>
          ) : (
            <TopicTitles ids={[...new Set(rows.flatMap((meeting) => meeting.topicIds.slice(0, 1)))]}>
              <ul className="cards">
                {rows.map((meeting) => (
                  <MeetingCard key={meeting.meetingId} meeting={meeting} />
                ))}
              </ul>
            </TopicTitles>
          )
        }
      </PagedList>
    </div>
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
