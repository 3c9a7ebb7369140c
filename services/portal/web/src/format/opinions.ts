// Phrases of conversations: where one stands, what is said of a statement, why something is withheld.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { type Conversation, Judgement, type MapCount, RejectionReason, StatementStatus } from "../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { msOf } from "./times.ts";
import type { Tone } from "./vocabulary.ts";

export const JUDGEMENTS = [Judgement.AGREE, Judgement.PASS, Judgement.DISAGREE] as const;
export const REJECTIONS = [
  RejectionReason.NAMES_A_PERSON,
  RejectionReason.ABUSE,
  RejectionReason.OFF_TOPIC,
  RejectionReason.DUPLICATE,
  RejectionReason.SEVERAL_IN_ONE,
  RejectionReason.ADVERTISING,
] as const;
/** Statements that are given at once to be judged. */
export const BATCH = 10;

export const judgementWord: Record<Judgement, WordKey> = {
  [Judgement.UNSPECIFIED]: "state.unknown",
  [Judgement.AGREE]: "judgement.agree",
  [Judgement.PASS]: "judgement.pass",
  [Judgement.DISAGREE]: "judgement.disagree",
};
export const statementStatusWord: Record<StatementStatus, WordKey> = {
  [StatementStatus.UNSPECIFIED]: "state.all",
  [StatementStatus.WAITING]: "statement.status.waiting",
  [StatementStatus.ACCEPTED]: "statement.status.accepted",
  [StatementStatus.REJECTED]: "statement.status.rejected",
};
export const statementStatusTone: Record<StatementStatus, Tone> = {
  [StatementStatus.UNSPECIFIED]: "neutral",
  [StatementStatus.WAITING]: "warn",
  [StatementStatus.ACCEPTED]: "good",
  [StatementStatus.REJECTED]: "neutral",
};
export const rejectionWord: Record<RejectionReason, WordKey> = {
  [RejectionReason.UNSPECIFIED]: "state.none",
  [RejectionReason.NAMES_A_PERSON]: "rejection.names_a_person",
  [RejectionReason.ABUSE]: "rejection.abuse",
  [RejectionReason.OFF_TOPIC]: "rejection.off_topic",
  [RejectionReason.DUPLICATE]: "rejection.duplicate",
  [RejectionReason.SEVERAL_IN_ONE]: "rejection.several_in_one",
  [RejectionReason.ADVERTISING]: "rejection.advertising",
};

export type Stage = "open" | "ended" | "closed";

export const stageTone: Record<Stage, Tone> = { open: "active", ended: "warn", closed: "neutral" };

/** Where a conversation stands: its time may be over before anybody closes it. */
export function stageOf(conversation: Pick<Conversation, "closesAt" | "closedAt">, now: number): Stage {
  if (conversation.closedAt) return "closed";
  return now < (msOf(conversation.closesAt) ?? 0) ? "open" : "ended";
}

/** The judgement that a key means on the page of taking part; undefined for any other key. Arrows scroll. */
export function judgementOfKey(key: string): Judgement | undefined {
  switch (key) {
    case "1":
      return Judgement.AGREE;
    case "2":
      return Judgement.PASS;
    case "3":
      return Judgement.DISAGREE;
    default:
      return undefined;
  }
}

/** How many are left to judge; beyond a whole batch only that there are at least so many. */
export function leftInWords(left: number, mayBeMore: boolean, language: Language): string {
  return say(language, mayBeMore ? "say.leftAtLeast" : "say.left", { n: left });
}

/** What was counted of a statement, with those who passed. */
export function countsInWords(count: Pick<MapCount, "agree" | "disagree" | "all"> | undefined, language: Language): string {
  if (!count) return say(language, "map.fewCounts");
  const { agree, disagree, all } = count;
  return say(language, "map.counts", { agree, disagree, pass: all - agree - disagree, all });
}

/** Why no groups are told, in the language of the page; what the service said where it is not known here. */
export function withheldInWords(said: string, language: Language): string {
  const few = /^groups are told of (\d+) people or more, not of (\d+)$/.exec(said);
  if (few) return say(language, "map.withheld.thirty", { least: few[1]!, people: few[2]! });
  const small = /^a group has fewer than (\d+) people/.exec(said);
  if (small) return say(language, "map.withheld.small", { least: small[1]! });
  if (said === "nothing is told of fewer than ten people") return say(language, "map.withheld.ten");
  if (said === "there are no groups") return say(language, "map.withheld.noGroups");
  return say(language, "map.withheld.other", { said });
}

/** A number between -1 and 1 with two decimals and a true minus. */
export function scoreInWords(value: number): string {
  const rounded = value.toFixed(2);
  return rounded === "-0.00" ? "0.00" : rounded.replace("-", "−");
}

/** The letter of a group: A, B, C. */
export function groupLetter(nth: number): string {
  return String.fromCharCode(65 + nth);
}
