// A fact on the timeline of a room: the CloudEvent taken apart, and its most telling fields in words. A field that the organization may
// not see is not in the event, so nothing here counts on any.
import type { Language, WordKey } from "../app/words/index.ts";
import { knownKey, say } from "../app/words/index.ts";
import { ClockKindSchema, ConsultationOutcomeSchema, RungSchema, WhistleKindSchema, WhistleLevelSchema } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { RatingSchema } from "../gen/gongzhi/grid/v1/grid_pb.ts";
import { serviceOf } from "./facts.ts";
import { dayAndMinute } from "./times.ts";
import { clockWord, ratingWord, rungWord, whistleKindWord, whistleLevelWord } from "./vocabulary.ts";

export interface FactEvent {
  id: string;
  areaCode: string;
  actor: string;
  caseId: string;
  data: Readonly<Record<string, unknown>>;
}

/** Names behind codes. */
export interface Names {
  categoryName: (code: string) => string;
  departmentName: (code: string) => string;
  organizationName: (key: string) => string;
}

export interface Telling {
  /** Short phrases, the most telling first. */
  phrases: string[];
  /** A text of its own. */
  text: string;
  late: boolean;
}

const MOST_PHRASES = 6;

/** Takes a CloudEvent apart; what is no JSON has nothing to tell. */
export function eventOf(text: string): FactEvent {
  const event = recordOf(parsed(text));
  const data = recordOf(event.data);
  return { id: textOf(event.id), areaCode: textOf(event.area), actor: textOf(event.actor), caseId: textOf(data.caseId), data };
}

export function tellingOf(fact: string, { data }: FactEvent, language: Language, names: Names): Telling {
  // What organizations publish stands under `dept-…` and `area-…`; no service of ours has a hyphen in its name.
  const isOwn = !serviceOf(fact).includes("-");
  const phrases = isOwn ? Object.entries(PHRASES).map(([field, tell]) => (field in data ? tell(data[field], language, names, data) : "")) : plainFields(data);
  return { phrases: phrases.filter((phrase) => phrase !== "").slice(0, MOST_PHRASES), text: isOwn ? textOf(data.summary) : "", late: data.late === true };
}

type Tell = (value: unknown, language: Language, names: Names, data: Readonly<Record<string, unknown>>) => string;

const joined = (list: readonly string[], language: Language) => list.filter((one) => one !== "").join(language === "zh" ? "、" : ", ");
const enumOf = (schema: EnumValues, words: Record<number, WordKey>): Tell => (value, language) => {
  const number = schema.values.find((one) => one.name === value)?.number;
  const word = number === undefined || number === 0 ? undefined : words[number];
  return word ? say(language, word) : "";
};
const outcome: Tell = (value, language) => {
  const found = ConsultationOutcomeSchema.values.find((one) => one.name === value);
  const word = found && knownKey(`outcome.${found.localName.toLowerCase()}`);
  return word ? say(language, word) : "";
};
const instant = (word: WordKey, clock?: WordKey): Tell => (value, language) => {
  const at = Date.parse(textOf(value));
  return Number.isNaN(at) ? "" : say(language, word, { time: dayAndMinute(at, language), ...(clock && { clock: say(language, clock) }) });
};
const counted = (word: WordKey, from = 1): Tell => (value, language) => (typeof value === "number" && value >= from ? say(language, word, { n: value }) : "");
const organization: Tell = (value, _, names) => names.organizationName(keyOfJson(value));
const organizations: Tell = (value, language, names) => joined(listOf(value).map((one) => names.organizationName(keyOfJson(one))), language);

/** Fields of our own facts in the order in which they are told. */
const PHRASES: Readonly<Record<string, Tell>> = {
  urgency: (value, language) => (value === "URGENCY_URGENT" ? say(language, "case.urgent") : ""),
  level: enumOf(WhistleLevelSchema, whistleLevelWord),
  kind: enumOf(WhistleKindSchema, whistleKindWord),
  categoryCode: (value, _, names) => names.categoryName(textOf(value)),
  departmentCodes: (value, language, names) => joined(listOf(value).map((code) => names.departmentName(textOf(code))), language),
  departmentCode: (value, _, names, data) => (listOf(data.departmentCodes).length > 0 ? "" : names.departmentName(textOf(value))),
  outcome,
  rating: (value, language, names, data) => {
    const word = knownKey(`outcome.${textOf(value)}`);
    return word ? say(language, word) : enumOf(RatingSchema, ratingWord)(value, language, names, data);
  },
  rung: enumOf(RungSchema, rungWord),
  clock: enumOf(ClockKindSchema, clockWord),
  acceptDueAt: instant("room.fact.due", "clock.accept"),
  answerDueAt: instant("room.fact.due", "clock.answer"),
  finishDueAt: instant("room.fact.due", "clock.finish"),
  dueAt: instant("room.fact.dueAt"),
  untilAt: instant("outcome.until"),
  round: counted("outcome.round", 2),
  reporter: counted("outcome.reporter"),
  reporterCount: counted("room.fact.reporters"),
  name: (value) => textOf(value),
  openedBy: organization,
  grantee: organization,
  organization,
  called: (value, language, names, data) => (Array.isArray(value) ? organizations : organization)(value, language, names, data),
  organizations,
  entries: counted("room.fact.entries"),
};

/** The plain fields of a fact that a department publishes, by their own names. */
function plainFields(data: Readonly<Record<string, unknown>>): string[] {
  const told = Object.entries(data).filter(([, value]) => ["string", "number", "boolean"].includes(typeof value) && value !== "");
  return told.map(([name, value]) => `${name}: ${String(value)}`);
}

interface EnumValues {
  values: readonly { name: string; localName: string; number: number }[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function keyOfJson(value: unknown): string {
  const { departmentCode, areaCode } = recordOf(value);
  if (typeof departmentCode === "string") return `department/${departmentCode}`;
  return typeof areaCode === "string" ? `area/${areaCode}` : "";
}
