// The minutes, oldest first. While a meeting goes on they are read when somebody asks for them, and again when something was entered.
import { Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { minuteInWords, rollCallInWords } from "../../format/minutes.ts";
import { lately, msOf } from "../../format/times.ts";
import { MeetingStatus, type MinuteLine } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useTitles } from "../agendas/topicTitles.tsx";
import { useMeetingRoom } from "./room.tsx";

export function MinutesPanel() {
  const { t } = useSpeech();
  const { meeting } = useMeetingRoom();
  const { meetingId, version } = meeting;
  const [shown, setShown] = useState(meeting.status === MeetingStatus.CLOSED);
  const list = usePages(shown ? `minutes:${meetingId}` : undefined, async (pageToken, signal) => {
    const answer = await meetings.listMinutes({ meetingId, pageSize: 50, pageToken }, { signal });
    return { rows: answer.lines, nextPageToken: answer.nextPageToken };
  });
  const { reload } = list;
  const read = useRef(version);
  useEffect(() => {
    if (read.current !== version) reload();
    read.current = version;
  }, [version, reload]);
  return (
    <Panel title={t("meeting.minutes")} note={t("meeting.minutesNote")} testId="minutes">
      {shown ? (
        <div className="stack">
          <PagedList list={list}>
            {(rows) =>
              rows.length === 0 ? (
                <EmptyNote>{t("state.none")}</EmptyNote>
              ) : (
                <ol className="minutes">
                  {rows.map((line, at) => (
                    <Line key={at} line={line} />
                  ))}
                </ol>
              )
            }
          </PagedList>
        </div>
      ) : (
        <Button onClick={() => setShown(true)} data-testid="show-minutes">
          {t("meeting.minutesShow")}
        </Button>
      )}
    </Panel>
  );
}

function Line({ line }: { line: MinuteLine }) {
  const { language } = useSpeech();
  const { meeting } = useMeetingRoom();
  const titles = useTitles();
  return (
    <li>
      <span className="quiet">{lately(msOf(line.at) ?? 0, language)}</span>
      <div>
        <p>{minuteInWords(line, meeting.seats, titles, language)}</p>
        {line.text && <p className="entry-text prewrap">{line.text}</p>}
        {line.rollCall.length > 0 && <p className="quiet">{rollCallInWords(line.rollCall, language)}</p>}
      </div>
    </li>
  );
}
