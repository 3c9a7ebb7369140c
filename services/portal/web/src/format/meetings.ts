// Phrases of meetings, what a meeting waits for, and its figures. Pure: instants come from outside, the rules stay in the service.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import type { Share } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { type Meeting, type MeetingSeat, MeetingStatus, MeetingVoteMethod, MotionOutcome, MotionPhase, MotionSide, SeatBlock, type ShowOfHands } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import type { Tone } from "./vocabulary.ts";

type Words<T extends number> = Record<T, WordKey>;

export const meetingStatusWord: Words<MeetingStatus> = {
  [MeetingStatus.UNSPECIFIED]: "state.unknown",
  [MeetingStatus.CONVENED]: "meeting.status.convened",
  [MeetingStatus.OPEN]: "meeting.status.open",
  [MeetingStatus.CLOSED]: "meeting.status.closed",
};
export const meetingStatusTone: Record<MeetingStatus, Tone> = {
  [MeetingStatus.UNSPECIFIED]: "neutral",
  [MeetingStatus.CONVENED]: "warn",
  [MeetingStatus.OPEN]: "active",
  [MeetingStatus.CLOSED]: "neutral",
};
export const blockWord: Words<SeatBlock> = {
  [SeatBlock.UNSPECIFIED]: "state.unknown",
  [SeatBlock.STATE]: "meeting.block.state",
  [SeatBlock.SOCIAL]: "meeting.block.social",
};
export const sideWord: Words<MotionSide> = {
  [MotionSide.UNSPECIFIED]: "state.unknown",
  [MotionSide.FOR]: "meeting.side.for",
  [MotionSide.AGAINST]: "meeting.side.against",
};
export const phaseWord: Words<MotionPhase> = {
  [MotionPhase.UNSPECIFIED]: "state.unknown",
  [MotionPhase.MOVED]: "meeting.phase.moved",
  [MotionPhase.SECONDED]: "meeting.phase.seconded",
  [MotionPhase.DEBATED]: "meeting.phase.debated",
  [MotionPhase.DEBATE_CLOSED]: "meeting.phase.debate_closed",
};
export const methodWord: Words<MeetingVoteMethod> = {
  [MeetingVoteMethod.UNSPECIFIED]: "state.unknown",
  [MeetingVoteMethod.SHOW_OF_HANDS]: "meeting.method.hands",
  [MeetingVoteMethod.ROLL_CALL]: "meeting.method.roll",
  [MeetingVoteMethod.SECRET]: "meeting.method.secret",
};
export const motionOutcomeWord: Words<MotionOutcome> = {
  [MotionOutcome.UNSPECIFIED]: "state.unknown",
  [MotionOutcome.CARRIED]: "meeting.outcome.carried",
  [MotionOutcome.LOST]: "meeting.outcome.lost",
};
export const motionOutcomeTone: Record<MotionOutcome, Tone> = {
  [MotionOutcome.UNSPECIFIED]: "neutral",
  [MotionOutcome.CARRIED]: "good",
  [MotionOutcome.LOST]: "warn",
};

/** What a meeting waits for. Everything else that may be done stands behind it. */
export type Waiting = "opening" | "motion" | "second" | "debate" | "amendment_second" | "speech" | "speaker" | "amendment_vote" | "end_of_debate" | "vote" | "nothing";

export function waitsFor(meeting: Pick<Meeting, "status" | "motion" | "turn" | "queue">): Waiting {
  if (meeting.status === MeetingStatus.CONVENED) return "opening";
  if (meeting.status !== MeetingStatus.OPEN) return "nothing";
  const { motion } = meeting;
  switch (motion?.phase) {
    case undefined:
    case MotionPhase.UNSPECIFIED:
      return "motion";
    case MotionPhase.MOVED:
      return "second";
    case MotionPhase.SECONDED:
      return "debate";
    case MotionPhase.DEBATED:
      if (meeting.turn) return "speech";
      if (motion?.amendment && motion.amendment.seconderSeat === 0) return "amendment_second";
      if (meeting.queue.length > 0) return "speaker";
      return motion?.amendment ? "amendment_vote" : "end_of_debate";
    case MotionPhase.DEBATE_CLOSED:
      return "vote";
  }
}

/** The least number that reaches a share of a whole: what more than half of twelve needs is seven. */
export function neededOf(whole: number, share: Pick<Share, "numerator" | "denominator" | "more">): number {
  const exact = whole * share.numerator;
  return share.more ? Math.floor(exact / share.denominator) + 1 : Math.ceil(exact / share.denominator);
}

/** A seat as the room calls it: `5号（居民）`. */
export function seatInWords(number: number, seats: readonly Pick<MeetingSeat, "number" | "party">[], language: Language): string {
  const party = seats.find((seat) => seat.number === number)?.party;
  return party ? say(language, "meeting.seatOf", { n: number, party }) : say(language, "meeting.seat", { n: number });
}

export function totalOf({ ayes, noes, abstentions }: Pick<ShowOfHands, "ayes" | "noes" | "abstentions">): number {
  return ayes + noes + abstentions;
}

/** What was counted, in words; where it is withheld, why. */
export function countInWords(count: Pick<ShowOfHands, "ayes" | "noes" | "abstentions"> | undefined, language: Language): string {
  if (!count) return say(language, "meeting.countWithheld");
  return say(language, "meeting.count", { ayes: count.ayes, noes: count.noes, abstentions: count.abstentions });
}

/** Seconds as a clock shows them: `1:05`, `1:02:09`. */
export function clockFace(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

export interface Party {
  block: SeatBlock;
  party: string;
  seats: MeetingSeat[];
}

/** Seats by block and party, in the order of their numbers. */
export function partiesOf(seats: readonly MeetingSeat[]): Party[] {
  const parties = new Map<string, Party>();
  for (const seat of seats) {
    const known = parties.get(seat.party);
    if (known) known.seats.push(seat);
    else parties.set(seat.party, { block: seat.block, party: seat.party, seats: [seat] });
  }
  return [...parties.values()].sort((a, b) => a.block - b.block);
}

/** A row of a form that convenes a meeting. */
export interface SeatRow {
  party: string;
  block: SeatBlock;
  seats: number;
}

/** The seats of such rows, numbered in their order. */
export function seatsOf(rows: readonly SeatRow[]): Pick<MeetingSeat, "number" | "block" | "party">[] {
  return rows.flatMap((row) => Array.from({ length: row.seats }, () => ({ block: row.block, party: row.party.trim() }))).map((seat, at) => ({ number: at + 1, ...seat }));
}

export type SeatsProblem = "count" | "blocks" | "party";

/** What is wrong with such rows, by the limits of the contract. */
export function problemOfSeats(rows: readonly SeatRow[]): SeatsProblem | undefined {
  const all = rows.reduce((sum, row) => sum + row.seats, 0);
  if (all < 2 || all > 200) return "count";
  if (new Set(rows.map((row) => row.block)).size < 2) return "blocks";
  const parties = new Map<string, SeatBlock>();
  for (const row of rows) {
    const party = row.party.trim();
    if ((parties.get(party) ?? row.block) !== row.block) return "party";
    parties.set(party, row.block);
  }
  return undefined;
}
