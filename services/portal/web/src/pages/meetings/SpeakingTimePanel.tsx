// How speaking time was shared: of the two blocks and of each party, as bars with their numbers, and how even that is.
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { blockWord, clockFace } from "../../format/meetings.ts";
import { SeatBlock, type SpeakingTime } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useMeetingRoom } from "./room.tsx";

export function SpeakingTimePanel() {
  const { t } = useSpeech();
  const time = useMeetingRoom().meeting.speakingTime;
  const spoken = time ? time.stateSeconds + time.socialSeconds : 0;
  return (
    <Panel title={t("meeting.time")} note={t("meeting.timeNote")} testId="speaking-time">
      {!time || spoken === 0 ? <EmptyNote>{t("meeting.timeNone")}</EmptyNote> : <Shares time={time} />}
    </Panel>
  );
}

function Shares({ time }: { time: SpeakingTime }) {
  const { t } = useSpeech();
  const blocks = [
    { block: SeatBlock.STATE, seconds: time.stateSeconds },
    { block: SeatBlock.SOCIAL, seconds: time.socialSeconds },
  ];
  const most = Math.max(...blocks.map((one) => one.seconds));
  const of = (block: SeatBlock) => time.parties.filter((party) => party.block === block);
  const indices = [
    { word: "meeting.jainBlocks", index: time.blocksJain, n: 2, seconds: time.stateSeconds + time.socialSeconds },
    { word: "meeting.jainState", index: time.stateJain, n: of(SeatBlock.STATE).length, seconds: time.stateSeconds },
    { word: "meeting.jainSocial", index: time.socialJain, n: of(SeatBlock.SOCIAL).length, seconds: time.socialSeconds },
    { word: "meeting.jainParties", index: time.partiesJain, n: time.parties.length, seconds: time.stateSeconds + time.socialSeconds },
  ] as const;
  return (
    <div className="stack">
      {blocks.map(({ block, seconds }) => (
        <div key={block} className="times">
          <TimeBar name={t(blockWord[block])} seconds={seconds} most={most} strong />
          {of(block).map((party) => (
            <TimeBar key={party.party} name={party.party} seconds={party.seconds} most={most} />
          ))}
        </div>
      ))}
      <h3>{t("meeting.jain")}</h3>
      <dl className="jain">
        {indices.map(({ word, index, n, seconds }) => (
          <div key={word}>
            <dt>{t(word)}</dt>
            <dd>
              {n > 1 && seconds > 0 ? t("meeting.jainOf", { index: index.toFixed(2), n, least: (1 / n).toFixed(2) }) : <span className="quiet">{t(n > 1 ? "meeting.timeNone" : "meeting.jainOne")}</span>}
            </dd>
          </div>
        ))}
      </dl>
      <p className="quiet">{t("meeting.jainWords")}</p>
    </div>
  );
}

function TimeBar({ name, seconds, most, strong = false }: { name: string; seconds: number; most: number; strong?: boolean }) {
  return (
    <div className={strong ? "time time-block" : "time"}>
      <span>{name}</span>
      <span className="time-bar" aria-hidden="true">
        <span style={{ width: `${(seconds / Math.max(1, most)) * 100}%` }} />
      </span>
      <span className="number">{clockFace(seconds)}</span>
    </div>
  );
}
