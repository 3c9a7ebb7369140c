// A line of the minutes as a sentence.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { type MeetingSeat, type MinuteLine, MinuteKind, MotionOutcome } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { voteWord } from "./deliberation.ts";
import { clockFace, countInWords, methodWord, motionOutcomeWord, seatInWords, sideWord } from "./meetings.ts";

const SENTENCES: Record<MinuteKind, WordKey> = {
  [MinuteKind.UNSPECIFIED]: "state.unknown",
  [MinuteKind.MEETING_CONVENED]: "minute.convened",
  [MinuteKind.MEETING_OPENED]: "minute.opened",
  [MinuteKind.SEAT_TAKEN]: "minute.taken",
  [MinuteKind.SEAT_LEFT]: "minute.left",
  [MinuteKind.MOTION_MOVED]: "minute.moved",
  [MinuteKind.MOTION_SECONDED]: "minute.seconded",
  [MinuteKind.DEBATE_OPENED]: "minute.debateOpened",
  [MinuteKind.HAND_RAISED]: "minute.handRaised",
  [MinuteKind.HAND_LOWERED]: "minute.handLowered",
  [MinuteKind.SEAT_RECOGNISED]: "minute.recognised",
  [MinuteKind.SPEECH_ENDED]: "minute.speechEnded",
  [MinuteKind.AMENDMENT_MOVED]: "minute.amendmentMoved",
  [MinuteKind.AMENDMENT_SECONDED]: "minute.amendmentSeconded",
  [MinuteKind.AMENDMENT_DECIDED]: "minute.amendmentDecided",
  [MinuteKind.CLOSURE_DECIDED]: "minute.closureDecided",
  [MinuteKind.DEBATE_CLOSED]: "minute.debateClosed",
  [MinuteKind.MOTION_DECIDED]: "minute.motionDecided",
  [MinuteKind.MOTION_LAPSED]: "minute.motionLapsed",
  [MinuteKind.AMENDMENT_LAPSED]: "minute.amendmentLapsed",
  [MinuteKind.RULING_MADE]: "minute.rulingMade",
  [MinuteKind.APPEAL_DECIDED]: "minute.appealDecided",
  [MinuteKind.MEETING_CLOSED]: "minute.closed",
};

/** Says what a line tells, without its words, which stand below it. */
export function minuteInWords(line: MinuteLine, seats: readonly MeetingSeat[], topic: (id: string) => string, language: Language): string {
  const comma = language === "zh" ? "、" : ", ";
  const appeal = line.outcome === MotionOutcome.CARRIED ? "meeting.appeal.overturned" : "meeting.appeal.sustained";
  return say(language, SENTENCES[line.kind], {
    seat: seatInWords(line.seat, seats, language),
    seconder: seatInWords(line.seconderSeat, seats, language),
    n: line.presentSeats.length,
    seats: line.presentSeats.join(comma),
    number: line.number,
    topic: line.topicId ? topic(line.topicId) : "",
    side: say(language, sideWord[line.side]),
    spoken: line.clockSeconds > line.seconds ? say(language, "minute.corrected", { counted: clockFace(line.seconds), clock: clockFace(line.clockSeconds) }) : clockFace(line.seconds),
    method: say(language, methodWord[line.method]),
    outcome: say(language, motionOutcomeWord[line.outcome]),
    appeal: say(language, appeal),
    count: countInWords(line.count, language),
  });
}

/** A roll call in words: `1号 同意、2号 反对`. */
export function rollCallInWords(rollCall: MinuteLine["rollCall"], language: Language): string {
  return rollCall.map(({ seat, choice }) => `${say(language, "meeting.seat", { n: seat })} ${say(language, voteWord[choice])}`).join(language === "zh" ? "、" : ", ");
}
