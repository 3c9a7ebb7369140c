// The words of the pages, Chinese beside English, so that neither can be forgotten. Keys are typed; a missing one does not compile.
import { actionWords } from "./actions.ts";
import { balanceWords } from "./balances.ts";
import { ballotWords } from "./ballots.ts";
import { boardWords } from "./board.ts";
import { caseWords } from "./case.ts";
import { catalogueWords } from "./catalogue.ts";
import { deliberationWords } from "./deliberation.ts";
import { drawWords } from "./draws.ts";
import { eventWords } from "./events.ts";
import { fundWords } from "./funds.ts";
import { grantWords } from "./grants.ts";
import { listWords } from "./lists.ts";
import { poolWords } from "./pools.ts";
import { meetingWords } from "./meetings.ts";
import { procedureWords } from "./procedures.ts";
import { opinionWords } from "./opinions.ts";
import { roomWords } from "./rooms.ts";
import { shellWords } from "./shell.ts";
import { subscriptionWords } from "./subscriptions.ts";
import { whistleWords } from "./whistle.ts";

export type Language = "zh" | "en";
export type Pair = readonly [zh: string, en: string];

const words = {
  ...shellWords,
  ...boardWords,
  ...caseWords,
  ...whistleWords,
  ...actionWords,
  ...eventWords,
  ...listWords,
  ...catalogueWords,
  ...grantWords,
  ...subscriptionWords,
  ...roomWords,
  ...deliberationWords,
  ...ballotWords,
  ...drawWords,
  ...poolWords,
  ...fundWords,
  ...meetingWords,
  ...procedureWords,
  ...opinionWords,
  ...balanceWords,
} as const;

export type WordKey = keyof typeof words;
export type Values = Readonly<Record<string, string | number>>;

/** Says a phrase; `{name}` in it is filled from the values. */
export function say(language: Language, key: WordKey, values?: Values): string {
  const phrase = pick(language, words[key]);
  if (!values) return phrase;
  return phrase.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** Picks the side of a pair. */
export function pick(language: Language, pair: Pair): string {
  return language === "zh" ? pair[0] : pair[1];
}

/** Finds a key made at run time; undefined when the table has no such phrase. */
export function knownKey(key: string): WordKey | undefined {
  return Object.hasOwn(words, key) ? (key as WordKey) : undefined;
}
