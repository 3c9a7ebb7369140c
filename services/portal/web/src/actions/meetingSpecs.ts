// What may be done in a meeting by a form; what takes one touch has none.
import type { Language } from "../app/words/index.ts";
import { shareInWords } from "../format/deliberation.ts";
import { neededOf } from "../format/meetings.ts";
import { Choice } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { type Meeting, type MeetingSeat, MeetingVoteMethod, type Motion } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../rpc/deliberation.ts";
import { type Counted, countedOf } from "./CountInput.tsx";
import type { Said } from "./RollInput.tsx";
import { type ActionSpec, type FieldSpec, type FormValues, text, words } from "./specs.ts";

export interface MeetingTarget {
  meetingId: string;
}

type Spec = ActionSpec<MeetingTarget>;

const seat = (name: string, label: FieldSpec["label"], seats: readonly MeetingSeat[], unlike?: string): FieldSpec => ({ kind: "seat", name, label, seats, ...(unlike && { unlike }) });
const count = (present: number): FieldSpec => ({ kind: "count", name: "count", label: "field.count", present });
const counted = (values: FormValues) => countedOf(values.count as Counted | undefined);

/** The seats that are taken: only they move, second, speak and vote. */
export function takenOf(meeting: Pick<Meeting, "seats">): MeetingSeat[] {
  return meeting.seats.filter((one) => one.present);
}

export function moveMotion(meeting: Meeting, titles: (topicId: string) => string): Spec {
  const topics = meeting.topicIds.map((value) => ({ value, label: titles(value) }));
  return {
    title: "action.MoveMotion",
    note: "action.MoveMotion.note",
    fields: [seat("seat", "field.moverSeat", takenOf(meeting)), { kind: "pick", name: "topicId", label: "field.motionTopic", options: topics }, text("text", "field.motionText", 10, 500)],
    ...(topics.length === 1 && { initial: { topicId: topics[0]?.value } }),
    call: ({ meetingId }, values, options) => meetings.moveMotion({ meetingId, seat: Number(values.seat), topicId: words(values, "topicId"), text: words(values, "text") }, options),
  };
}

export function moveAmendment(meeting: Meeting, motion: Motion): Spec {
  return {
    title: "action.MoveAmendment",
    note: "action.MoveAmendment.note",
    fields: [seat("seat", "field.moverSeat", takenOf(meeting)), text("text", "field.amendmentText", 10, 500)],
    initial: { text: motion.text },
    call: ({ meetingId }, values, options) => meetings.moveAmendment({ meetingId, seat: Number(values.seat), text: words(values, "text") }, options),
  };
}

export function voteOnAmendment(meeting: Meeting): Spec {
  return {
    title: "action.VoteOnAmendment",
    note: "action.VoteOnMotion.note",
    fields: [count(takenOf(meeting).length)],
    call: ({ meetingId }, values, options) => meetings.voteOnAmendment({ meetingId, count: counted(values) }, options),
  };
}

export function voteOnMotion(meeting: Meeting): Spec {
  const taken = takenOf(meeting);
  const when = (is: MeetingVoteMethod) => ({ field: "method", is });
  return {
    title: "action.VoteOnMotion",
    note: "action.VoteOnMotion.note",
    fields: [
      {
        kind: "choice",
        name: "method",
        label: "field.voteMethod",
        options: [
          { value: MeetingVoteMethod.SHOW_OF_HANDS, label: "meeting.method.hands" },
          { value: MeetingVoteMethod.ROLL_CALL, label: "meeting.method.roll" },
          { value: MeetingVoteMethod.SECRET, label: "meeting.method.secret", note: "meeting.method.secretNote" },
        ],
      },
      { ...count(taken.length), when: when(MeetingVoteMethod.SHOW_OF_HANDS) },
      { ...count(taken.length), when: when(MeetingVoteMethod.SECRET) },
      { kind: "roll", name: "rollCall", label: "field.rollCall", seats: taken, when: when(MeetingVoteMethod.ROLL_CALL) },
    ],
    initial: { method: MeetingVoteMethod.SHOW_OF_HANDS },
    call: ({ meetingId }, values, options) => {
      const method = Number(values.method);
      if (method !== MeetingVoteMethod.ROLL_CALL) return meetings.voteOnMotion({ meetingId, method, count: counted(values) }, options);
      const rollCall = Object.entries((values.rollCall ?? {}) as Said).map(([number, choice]) => ({ seat: Number(number), choice: choice as Choice }));
      return meetings.voteOnMotion({ meetingId, method, rollCall }, options);
    },
  };
}

/** Nobody is cut short by the chair alone: while others wait, a debate is closed by a vote. */
export function closeDebate(meeting: Meeting, language: Language): Spec {
  const taken = takenOf(meeting);
  const closure = meeting.bylaws?.closure;
  if (meeting.queue.length === 0) return { title: "action.CloseDebate", fields: [], call: ({ meetingId }, _, options) => meetings.closeDebate({ meetingId }, options) };
  return {
    title: "action.CloseDebate",
    ...(closure && { note: "action.CloseDebate.voteNote", noteValues: { share: shareInWords(closure, language), n: neededOf(taken.length, closure) } }),
    fields: [seat("moverSeat", "field.moverSeat", taken), seat("seconderSeat", "field.seconderSeat", taken, "moverSeat"), count(taken.length)],
    call: ({ meetingId }, values, options) => meetings.closeDebate({ meetingId, vote: { moverSeat: Number(values.moverSeat), seconderSeat: Number(values.seconderSeat), count: counted(values) } }, options),
  };
}

/** Drops the amendment that nobody seconds, else the motion. */
export function lapse(of: "motion" | "amendment"): Spec {
  return {
    title: of === "motion" ? "action.LapseMotion" : "action.LapseAmendment",
    note: "action.LapseMotion.note",
    fields: [],
    grave: true,
    call: ({ meetingId }, _, options) => meetings.lapseMotion({ meetingId }, options),
  };
}

export function correctSpeech(most: number): Spec {
  return {
    title: "action.CorrectSpeech",
    note: "action.CorrectSpeech.note",
    fields: [{ kind: "whole", name: "secondsUsed", label: "field.secondsUsed", min: 1, max: most }],
    call: ({ meetingId }, values, options) => meetings.endSpeech({ meetingId, secondsUsed: Number(values.secondsUsed) }, options),
  };
}

export const makeRuling: Spec = {
  title: "action.MakeRuling",
  note: "action.MakeRuling.note",
  fields: [text("text", "field.rulingText", 5, 500)],
  call: ({ meetingId }, values, options) => meetings.makeRuling({ meetingId, text: words(values, "text") }, options),
};

export function appealRuling(meeting: Meeting): ActionSpec<MeetingTarget & { ruling: number }> {
  const taken = takenOf(meeting);
  return {
    title: "action.AppealRuling",
    note: "action.AppealRuling.note",
    fields: [seat("seat", "field.appealSeat", taken), seat("seconderSeat", "field.seconderSeat", taken, "seat"), count(taken.length)],
    call: (target, values, options) => meetings.appealRuling({ ...target, seat: Number(values.seat), seconderSeat: Number(values.seconderSeat), count: counted(values) }, options),
  };
}

export const closeMeeting: Spec = {
  title: "action.CloseMeeting",
  note: "action.CloseMeeting.note",
  fields: [],
  grave: true,
  call: ({ meetingId }, _, options) => meetings.closeMeeting({ meetingId }, options),
};
