// Phrases of topics, agendas, ballots and resolutions; exact shares, areas and money, and the reading of a roll.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { type AgendaPlace, AgendaStatus, PlaceRule } from "../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { BallotOutcome, BallotStatus, Body, Choice, Secrecy, type Share } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { GoalKind, GoalStatus } from "../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { GateKind, RaisedBy, type Topic, TopicStatus } from "../gen/gongzhi/deliberation/v1/topic_pb.ts";
import type { Tone } from "./vocabulary.ts";

type Words<T extends number> = Record<T, WordKey>;
type Tones<T extends number> = Record<T, Tone>;

export const topicStatusWord: Words<TopicStatus> = {
  [TopicStatus.UNSPECIFIED]: "state.all",
  [TopicStatus.OPEN]: "topic.status.open",
  [TopicStatus.SCHEDULED]: "topic.status.scheduled",
  [TopicStatus.MERGED]: "topic.status.merged",
  [TopicStatus.DECLINED]: "topic.status.declined",
  [TopicStatus.RESOLVED]: "topic.status.resolved",
};
export const topicStatusTone: Tones<TopicStatus> = {
  [TopicStatus.UNSPECIFIED]: "neutral",
  [TopicStatus.OPEN]: "warn",
  [TopicStatus.SCHEDULED]: "active",
  [TopicStatus.MERGED]: "neutral",
  [TopicStatus.DECLINED]: "neutral",
  [TopicStatus.RESOLVED]: "good",
};
export const raisedByWord: Words<RaisedBy> = {
  [RaisedBy.UNSPECIFIED]: "topic.raised.person",
  [RaisedBy.CASES_AT_ONE_PLACE]: "topic.raised.place",
  [RaisedBy.CLUSTER_OF_DEMANDS]: "topic.raised.cluster",
};
export const gateKindWord: Words<GateKind> = {
  [GateKind.UNSPECIFIED]: "state.none",
  [GateKind.SAFETY]: "topic.gate.safety",
  [GateKind.LEGAL_DEADLINE]: "topic.gate.legal",
};
export const agendaStatusWord: Words<AgendaStatus> = {
  [AgendaStatus.UNSPECIFIED]: "state.unknown",
  [AgendaStatus.DRAFT]: "agenda.status.draft",
  [AgendaStatus.PUBLISHED]: "agenda.status.published",
};
export const agendaStatusTone: Tones<AgendaStatus> = {
  [AgendaStatus.UNSPECIFIED]: "neutral",
  [AgendaStatus.DRAFT]: "warn",
  [AgendaStatus.PUBLISHED]: "good",
};
export const placeRuleWord: Words<PlaceRule> = {
  [PlaceRule.UNSPECIFIED]: "state.unknown",
  [PlaceRule.GATE]: "agenda.rule.gate",
  [PlaceRule.SUPPORT]: "agenda.rule.support",
  [PlaceRule.LOT]: "agenda.rule.lot",
};
export const bodyWord: Words<Body> = {
  [Body.UNSPECIFIED]: "state.unknown",
  [Body.OWNERS]: "body.owners",
  [Body.RESIDENTS]: "body.residents",
  [Body.VILLAGERS]: "body.villagers",
  [Body.VILLAGERS_REPRESENTATIVES]: "body.villagers_representatives",
  [Body.RESIDENTS_REPRESENTATIVES]: "body.residents_representatives",
};
export const secrecyWord: Words<Secrecy> = {
  [Secrecy.UNSPECIFIED]: "state.unknown",
  [Secrecy.OPEN]: "secrecy.open",
  [Secrecy.SECRET]: "secrecy.secret",
};
/** Who can see who voted how. */
export const secrecyNoteWord: Words<Secrecy> = {
  [Secrecy.UNSPECIFIED]: "state.unknown",
  [Secrecy.OPEN]: "secrecy.openNote",
  [Secrecy.SECRET]: "secrecy.secretNote",
};
export const voteWord: Words<Choice> = {
  [Choice.UNSPECIFIED]: "state.unknown",
  [Choice.FOR]: "vote.for",
  [Choice.AGAINST]: "vote.against",
  [Choice.ABSTAIN]: "vote.abstain",
};
export const ballotStatusWord: Words<BallotStatus> = {
  [BallotStatus.UNSPECIFIED]: "state.unknown",
  [BallotStatus.PREPARED]: "ballot.status.prepared",
  [BallotStatus.PUBLISHED]: "ballot.status.published",
  [BallotStatus.CLOSED]: "ballot.status.closed",
};
export const ballotStatusTone: Tones<BallotStatus> = {
  [BallotStatus.UNSPECIFIED]: "neutral",
  [BallotStatus.PREPARED]: "warn",
  [BallotStatus.PUBLISHED]: "active",
  [BallotStatus.CLOSED]: "neutral",
};
export const outcomeWord: Words<BallotOutcome> = {
  [BallotOutcome.UNSPECIFIED]: "state.unknown",
  [BallotOutcome.ADOPTED]: "ballot.outcome.adopted",
  [BallotOutcome.REJECTED]: "ballot.outcome.rejected",
  [BallotOutcome.NO_QUORUM]: "ballot.outcome.no_quorum",
};
export const outcomeTone: Tones<BallotOutcome> = {
  [BallotOutcome.UNSPECIFIED]: "neutral",
  [BallotOutcome.ADOPTED]: "good",
  [BallotOutcome.REJECTED]: "warn",
  [BallotOutcome.NO_QUORUM]: "warn",
};
export const goalKindWord: Words<GoalKind> = {
  [GoalKind.UNSPECIFIED]: "state.unknown",
  [GoalKind.CASE]: "goal.kind.case",
  [GoalKind.WHISTLE]: "goal.kind.whistle",
  [GoalKind.OWN_WORK]: "goal.kind.own",
};
export const goalStatusWord: Words<GoalStatus> = {
  [GoalStatus.UNSPECIFIED]: "state.unknown",
  [GoalStatus.SET]: "goal.status.set",
  [GoalStatus.UNDER_WAY]: "goal.status.under_way",
  [GoalStatus.FULFILLED]: "goal.status.fulfilled",
  [GoalStatus.GIVEN_UP]: "goal.status.given_up",
};
export const goalStatusTone: Tones<GoalStatus> = {
  [GoalStatus.UNSPECIFIED]: "neutral",
  [GoalStatus.SET]: "warn",
  [GoalStatus.UNDER_WAY]: "active",
  [GoalStatus.FULFILLED]: "good",
  [GoalStatus.GIVEN_UP]: "bad",
};

/** Why a topic has its place, as one sentence. */
export function placeInWords(place: Pick<AgendaPlace, "topicId" | "rule" | "households" | "householdsWithout" | "buildings" | "dueOn">, n: number, language: Language): string {
  switch (place.rule) {
    case PlaceRule.GATE:
      return say(language, "agenda.why.gate", { n, day: place.dueOn });
    case PlaceRule.SUPPORT:
      return say(language, "agenda.why.support", { n, buildings: place.buildings, households: place.households, without: place.householdsWithout });
    case PlaceRule.LOT:
      return say(language, place.topicId === "" ? "agenda.why.lotOpen" : "agenda.why.lot", { n });
    case PlaceRule.UNSPECIFIED:
      return "";
  }
}

/** The remainder that decides a lot, exact for numbers of any length; undefined where nothing was drawn. */
export function remainderOf(number: string, count: number): number | undefined {
  if (!/^\d+$/.test(number) || count < 1) return undefined;
  return Number(BigInt(number) % BigInt(count));
}

/** A share as people say it: 三分之二以上, more than 1/2; a whole is everybody. */
export function shareInWords(share: Pick<Share, "numerator" | "denominator" | "more">, language: Language): string {
  const { numerator, denominator, more } = share;
  if (numerator === denominator && !more) return say(language, "share.all");
  return say(language, more ? "share.more" : "share.least", { share: `${numerator}/${denominator}` });
}

/** True when the part reaches the share of the whole, exactly. */
export function isReached(part: bigint, whole: bigint, share: Pick<Share, "numerator" | "denominator" | "more">): boolean {
  const [left, right] = [part * BigInt(share.denominator), whole * BigInt(share.numerator)];
  return whole > 0n && (share.more ? left > right : left >= right);
}

/** An area that is counted in 0.01 m², in square metres: `89.50 m²`. */
export function areaInWords(hundredths: bigint): string {
  return `${decimal(hundredths)} m²`;
}

/** Money that is counted in fen, in yuan: `¥12,345.60`. */
export function yuanOf(fen: bigint): string {
  return `¥${decimal(fen)}`;
}

function decimal(hundredths: bigint): string {
  const whole = String(hundredths / 100n).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${whole}.${String(hundredths % 100n).padStart(2, "0")}`;
}

/** Reads an amount with at most two decimals into hundredths; undefined for what is none. */
export function hundredthsOf(text: string): bigint | undefined {
  const found = /^(\d{1,12})(?:\.(\d{1,2}))?$/.exec(text.trim().replace(/,/g, ""));
  return found ? BigInt(found[1]!) * 100n + BigInt((found[2] ?? "").padEnd(2, "0")) : undefined;
}

export interface RollRow {
  area: bigint;
  unsold: boolean;
}

export interface Roll {
  rows: RollRow[];
  /** Lines that could not be read, counted from 1. */
  wrong: number[];
}

const UNSOLD = /^(未售|未交付|unsold)$/i;

/** Reads a pasted list of areas, one elector per line: `89.50`, or `1203.40,未售`. A heading and a column of numbers before the area are passed over. */
export function readRoll(text: string): Roll {
  const rows: RollRow[] = [];
  const wrong: number[] = [];
  text.split(/\r?\n/).forEach((line, index) => {
    const cells = line.split(/[,，;\t]/).map((cell) => cell.trim().replace(/(?:m²|㎡|平方米)$/i, "").trim());
    const filled = cells.filter((cell) => cell !== "");
    if (filled.length === 0) return;
    const unsold = filled.some((cell) => UNSOLD.test(cell));
    const area = hundredthsOf(filled.filter((cell) => !UNSOLD.test(cell)).at(-1) ?? "");
    if (area !== undefined && area > 0n && filled.length - Number(unsold) <= 2) rows.push({ area, unsold });
    else if (index > 0 || /\d/.test(line)) wrong.push(index + 1);
  });
  return { rows, wrong };
}

/** Cuts a list into batches. */
export function batchesOf<T>(rows: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, at) => rows.slice(at * size, (at + 1) * size));
}

/** How many signs a code has, and in what groups its slip shows them. */
export interface CodeShape {
  length: number;
  group: number;
}

export const BALLOT_CODE: CodeShape = { length: 12, group: 4 };
export const FUND_CODE: CodeShape = { length: 10, group: 5 };

/** A code as its slip shows it, in groups. */
export function groupedCode(typed: string, { length, group }: CodeShape = BALLOT_CODE): string {
  const signs = typed.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "").slice(0, length);
  return signs.replace(new RegExp(`(.{${group}})(?=.)`, "g"), "$1-");
}

/** True when as much was typed as a code has. */
export function isWholeCode(typed: string, shape: CodeShape = BALLOT_CODE): boolean {
  return groupedCode(typed, shape).replace(/-/g, "").length === shape.length;
}

/** True while a topic has neither ended nor gone into another one. */
export function goesOn({ status }: Pick<Topic, "status">): boolean {
  return status === TopicStatus.OPEN || status === TopicStatus.SCHEDULED;
}
