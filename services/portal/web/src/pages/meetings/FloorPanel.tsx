// The floor: who speaks and for how long yet, and who waits in the order of the rules.
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { clockFace, sideWord } from "../../format/meetings.ts";
import type { SpeakingTurn } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useMeetingRoom } from "./room.tsx";
import { useTurnLeft } from "./useTurnLeft.ts";
import "../ballots/ballots.css";

export function FloorPanel() {
  const { t } = useSpeech();
  const { meeting, seatName } = useMeetingRoom();
  const { turn, queue, bylaws } = meeting;
  return (
    <Panel title={t("meeting.floor")} note={bylaws && t("meeting.limits", { length: clockFace(bylaws.turnSeconds), turns: bylaws.turns })} testId="floor">
      <div className="floor">
        {turn ? <TurnClock turn={turn} /> : <p className="floor-empty quiet">{t("meeting.nobodySpeaks")}</p>}
        <div className="stack">
          <h3>{t("meeting.queue")}</h3>
          {queue.length === 0 && <EmptyNote>{t("meeting.queueEmpty")}</EmptyNote>}
          <ol className="queue" data-testid="queue">
            {queue.map((hand, at) => (
              <li key={hand.seat} className={at === 0 ? "queue-next" : ""} data-testid={`queue-${hand.seat}`}>
                <span className="queue-place">{at + 1}</span>
                <span className="row">
                  <strong>{seatName(hand.seat)}</strong>
                  <Mark tone="neutral">{t(sideWord[hand.side])}</Mark>
                  {at === 0 && <Mark tone="active">{t("meeting.queueNext")}</Mark>}
                  {hand.turnsUsed > 0 && <span className="quiet">{t("meeting.turnsUsed", { n: hand.turnsUsed })}</span>}
                </span>
              </li>
            ))}
          </ol>
          {queue.length > 1 && <p className="quiet">{t("meeting.queueNote")}</p>}
        </div>
      </div>
    </Panel>
  );
}

function TurnClock({ turn }: { turn: SpeakingTurn }) {
  const { t } = useSpeech();
  const { seatName } = useMeetingRoom();
  const { left, whole, soon } = useTurnLeft(turn);
  return (
    <div className={soon ? "turn turn-soon" : "turn"} data-testid="turn" data-seat={turn.seat}>
      <p className="turn-who">
        {seatName(turn.seat)} <Mark tone="neutral">{t(sideWord[turn.side])}</Mark>
      </p>
      <p className="turn-clock" role="timer" aria-label={t("meeting.left")}>
        {clockFace(left)}
      </p>
      <div className="share-bar" aria-hidden="true">
        <span className="share-part" style={{ width: `${(left / whole) * 100}%` }} />
      </div>
      <p className="quiet">{left === 0 ? t("meeting.timeUp") : t("meeting.left")}</p>
    </div>
  );
}
