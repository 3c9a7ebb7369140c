// The seats by block and party. The recorder touches a seat when somebody comes or goes, and below it what that seat does: a second, a hand.
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { blockWord, partiesOf, type Party, waitsFor } from "../../format/meetings.ts";
import { type MeetingSeat, MeetingStatus, MotionPhase, MotionSide, Presence, SeatBlock } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import { useMeetingRoom } from "./room.tsx";

export function SeatsPanel() {
  const { t } = useSpeech();
  const { meeting, chairs, records } = useMeetingRoom();
  const parties = partiesOf(meeting.seats);
  const note = meeting.status === MeetingStatus.CONVENED ? chairs && t("meeting.seatsNotePick") : meeting.status === MeetingStatus.OPEN && records && t("meeting.seatsNote");
  return (
    <Panel title={t("meeting.seats")} note={note} testId="seats">
      <div className="blocks">
        {[SeatBlock.STATE, SeatBlock.SOCIAL].map((block) => (
          <Block key={block} block={block} parties={parties.filter((party) => party.block === block)} />
        ))}
      </div>
    </Panel>
  );
}

function Block({ block, parties }: { block: SeatBlock; parties: Party[] }) {
  const { t } = useSpeech();
  const isPresent = useIsPresent();
  const seats = parties.flatMap((party) => party.seats);
  return (
    <section className="block" aria-label={t(blockWord[block])}>
      <p className="row">
        <strong>{t(blockWord[block])}</strong>
        <span className="quiet">{t("meeting.presentOf", { present: seats.filter(isPresent).length, seats: seats.length })}</span>
      </p>
      <div className="parties">
        {parties.map((party) => (
          <div key={party.party} className="party">
            <h3>{party.party}</h3>
            <ul className="seat-grid">
              {party.seats.map((seat) => (
                <Seat key={seat.number} seat={seat} present={isPresent(seat)} />
              ))}
            </ul>
          </div>
        ))}
      </div>
    </section>
  );
}

/** Before the meeting is opened a seat is taken where the chair has marked it. */
function useIsPresent(): (seat: MeetingSeat) => boolean {
  const { meeting, marked } = useMeetingRoom();
  return (seat) => (meeting.status === MeetingStatus.CONVENED ? marked.has(seat.number) : seat.present);
}

function Seat({ seat, present }: { seat: MeetingSeat; present: boolean }) {
  const { t } = useSpeech();
  const { meeting, chairs, records, marked, mark, touch, isOnItsWay, seatName } = useMeetingRoom();
  const { meetingId, status, turn, queue } = meeting;
  const { number } = seat;
  const speaks = turn?.seat === number;
  const nth = queue.findIndex((hand) => hand.seat === number) + 1;
  const marks = status === MeetingStatus.CONVENED ? chairs : status === MeetingStatus.OPEN && records;
  const press = () => {
    if (status === MeetingStatus.CONVENED) return mark(present ? [...marked].filter((one) => one !== number) : [...marked, number]);
    touch(`seat-${number}`, (options) => meetings.markPresence({ meetingId, seat: number, presence: present ? Presence.LEFT : Presence.PRESENT }, options));
  };
  const word = speaks ? t("meeting.seatSpeaks") : nth > 0 ? t("meeting.seatWaits", { nth }) : t(present ? "meeting.present" : "meeting.absent");
  const state = speaks ? "speaks" : nth > 0 ? "waits" : present ? "present" : "absent";
  return (
    <li className={`seat seat-${state}`} data-testid={`seat-${number}`} data-present={present} aria-busy={isOnItsWay(`seat-${number}`)}>
      {/* Whoever speaks cannot be marked as gone: nobody is interrupted. */}
      <button type="button" className="seat-presence" aria-pressed={present} aria-label={`${seatName(number)} ${word}`} disabled={!marks || speaks} onClick={press}>
        <strong>{number}</strong>
        <span>{word}</span>
      </button>
      {records && present && !speaks && status === MeetingStatus.OPEN && <SeatTouches number={number} waitsToSpeak={nth > 0} />}
    </li>
  );
}

function SeatTouches({ number, waitsToSpeak }: { number: number; waitsToSpeak: boolean }) {
  const { t } = useSpeech();
  const { meeting, touch, isOnItsWay, seatName } = useMeetingRoom();
  const { meetingId, motion } = meeting;
  const waiting = waitsFor(meeting);
  const button = (name: string, word: string, label: string, call: Parameters<typeof touch>[1]) => (
    <button type="button" className="seat-touch" aria-label={label} disabled={isOnItsWay(name)} onClick={() => touch(name, call)} data-testid={name}>
      {word}
    </button>
  );
  const second = (call: Parameters<typeof touch>[1]) => button(`second-${number}`, t("meeting.second"), `${seatName(number)} ${t("meeting.second")}`, call);
  let touches = null;
  if (waiting === "second") {
    if (number !== motion?.moverSeat) touches = second((options) => meetings.secondMotion({ meetingId, seat: number }, options));
  } else if (waiting === "amendment_second") {
    if (number !== motion?.amendment?.moverSeat) touches = second((options) => meetings.secondAmendment({ meetingId, seat: number }, options));
  } else if (motion?.phase === MotionPhase.DEBATED) {
    const raise = (side: MotionSide) => (options: Parameters<Parameters<typeof touch>[1]>[0]) => meetings.raiseHand({ meetingId, seat: number, side }, options);
    touches = waitsToSpeak ? (
      button(`lower-${number}`, t("meeting.hand.lower"), `${seatName(number)} ${t("meeting.hand.lower")}`, (options) => meetings.lowerHand({ meetingId, seat: number }, options))
    ) : (
      <>
        {button(`raise-for-${number}`, t("meeting.hand.for"), t("meeting.hand.forLabel", { seat: seatName(number) }), raise(MotionSide.FOR))}
        {button(`raise-against-${number}`, t("meeting.hand.against"), t("meeting.hand.againstLabel", { seat: seatName(number) }), raise(MotionSide.AGAINST))}
      </>
    );
  }
  return touches && <div className="seat-touches">{touches}</div>;
}
