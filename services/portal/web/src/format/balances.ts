// Phrases of balances, and why an option is the point of balance: gains, their product, shortfalls, recomputed from the positions.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { type Balance, type BalanceRound, BalanceStatus, PartyKind } from "../gen/gongzhi/deliberation/v1/balance_pb.ts";
import type { Tone } from "./vocabulary.ts";


export const partyKindWord: Record<PartyKind, WordKey> = {
  [PartyKind.UNSPECIFIED]: "state.unknown",
  [PartyKind.STATE]: "party.state",
  [PartyKind.SOCIAL]: "party.social",
};
export const balanceStatusWord: Record<BalanceStatus, WordKey> = {
  [BalanceStatus.UNSPECIFIED]: "state.unknown",
  [BalanceStatus.ASKING]: "balance.status.asking",
  [BalanceStatus.REVEALED]: "balance.status.revealed",
  [BalanceStatus.AGREED]: "balance.status.agreed",
};
export const balanceStatusTone: Record<BalanceStatus, Tone> = {
  [BalanceStatus.UNSPECIFIED]: "neutral",
  [BalanceStatus.ASKING]: "active",
  [BalanceStatus.REVEALED]: "warn",
  [BalanceStatus.AGREED]: "good",
};

type Named = Pick<Balance, "parties" | "options">;
type Revealed = Pick<BalanceRound, "positions" | "feasible" | "choice" | "product" | "largestMinimumGainChoice" | "shortfalls" | "conflicts">;

/** What each party has of an option above its bottom line, in the order of the positions; options are numbered from 1. */
export function gainsOf({ positions }: Pick<BalanceRound, "positions">, option: number): number[] {
  return positions.map(({ scores, bottomLine }) => (scores[option - 1] ?? 0) - bottomLine);
}

/** The product of gains, exact also for many parties. */
export function productOf(gains: readonly number[]): bigint {
  return gains.reduce((product, gain) => product * BigInt(gain), 1n);
}

/** Names of parties by their codes, in words. */
export function partiesInWords(balance: Pick<Balance, "parties">, codes: readonly string[], language: Language): string {
  const names = codes.map((code) => balance.parties.find((party) => party.code === code)?.name ?? code);
  return names.join(language === "zh" ? "、" : ", ");
}

/** Why the choice of a round is the point of balance, one sentence after the other. */
export function whyInWords(balance: Named, round: Revealed, language: Language): string[] {
  const option = balance.options[round.choice - 1] ?? String(round.choice);
  if (round.feasible.length === 0) return [shortfallLine(balance, round, option, language), ...conflictLines(balance, round, language)];
  const gains = gainsOf(round, round.choice);
  const least = Math.min(...gainsOf(round, round.largestMinimumGainChoice));
  const factors = gains.join(" × ");
  const fairest = balance.options[round.largestMinimumGainChoice - 1] ?? String(round.largestMinimumGainChoice);
  return [
    say(language, round.feasible.length === 1 ? "balance.whyFeasibleOne" : "balance.whyFeasible", { option, factors, product: round.product, n: round.feasible.length }),
    ...(round.feasible.length === 1 ? [] : [say(language, round.largestMinimumGainChoice === round.choice ? "balance.whySame" : "balance.whyFairest", { option: fairest, gain: least })]),
  ];
}

function shortfallLine(balance: Named, round: Revealed, option: string, language: Language): string {
  const short = round.shortfalls.flatMap((n, nth) => (n > 0 ? [say(language, "balance.short", { party: balance.parties[nth]?.name ?? String(nth + 1), n })] : []));
  return say(language, "balance.whyInfeasible", { option, shortfalls: short.join(language === "zh" ? "，" : ", ") });
}

function conflictLines(balance: Named, round: Revealed, language: Language): string[] {
  return round.conflicts.map(({ parties }) => say(language, parties.length === 1 ? "balance.conflictOne" : "balance.conflict", { parties: partiesInWords(balance, parties, language) }));
}

/** True when what the service says of its choice follows from the positions that it shows. */
export function followsFromPositions(round: Revealed): boolean {
  const options = round.positions[0]?.scores.map((_, at) => at + 1) ?? [];
  const feasible = options.filter((option) => gainsOf(round, option).every((gain) => gain >= 0));
  if (feasible.join() !== [...round.feasible].sort((a, b) => a - b).join()) return false;
  if (feasible.length === 0) {
    const shortOf = (option: number) => Math.max(...gainsOf(round, option).map((gain) => Math.max(0, -gain)));
    return options.every((option) => shortOf(round.choice) <= shortOf(option)) && gainsOf(round, round.choice).every((gain, at) => Math.max(0, -gain) === round.shortfalls[at]);
  }
  const best = productOf(gainsOf(round, round.choice));
  return String(best) === round.product && feasible.every((option) => productOf(gainsOf(round, option)) <= best);
}

/** Reads a score of 0 to 100; undefined for what is none. */
export function scoreOf(typed: unknown): number | undefined {
  const text = String(typed ?? "").trim();
  return /^\d{1,3}$/.test(text) && Number(text) <= 100 ? Number(text) : undefined;
}
