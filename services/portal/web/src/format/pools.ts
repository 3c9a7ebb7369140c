// Phrases of pools, their quotas as sums, and the quotas that follow from the smallest change.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { HouseholdRule, LotteryObjective, PoolStatus, type QuotaChange } from "../gen/gongzhi/deliberation/v1/pool_pb.ts";
import type { Tone } from "./vocabulary.ts";

export const poolStatusWord: Record<PoolStatus, WordKey> = {
  [PoolStatus.UNSPECIFIED]: "state.unknown",
  [PoolStatus.OPEN]: "pool.status.open",
  [PoolStatus.CLOSED]: "pool.status.closed",
  [PoolStatus.COMPUTING]: "pool.status.computing",
  [PoolStatus.INFEASIBLE]: "pool.status.infeasible",
  [PoolStatus.FAILED]: "pool.status.failed",
  [PoolStatus.PUBLISHED]: "pool.status.published",
  [PoolStatus.DRAWN]: "pool.status.drawn",
  [PoolStatus.REPLACING]: "pool.status.replacing",
  [PoolStatus.ABANDONED]: "pool.status.abandoned",
};
export const poolStatusTone: Record<PoolStatus, Tone> = {
  [PoolStatus.UNSPECIFIED]: "neutral",
  [PoolStatus.OPEN]: "active",
  [PoolStatus.CLOSED]: "warn",
  [PoolStatus.COMPUTING]: "active",
  [PoolStatus.INFEASIBLE]: "bad",
  [PoolStatus.FAILED]: "bad",
  [PoolStatus.PUBLISHED]: "active",
  [PoolStatus.DRAWN]: "good",
  [PoolStatus.REPLACING]: "warn",
  [PoolStatus.ABANDONED]: "neutral",
};
export const householdRuleWord: Record<HouseholdRule, WordKey> = {
  [HouseholdRule.UNSPECIFIED]: "state.unknown",
  [HouseholdRule.ONE_VOLUNTEER]: "pool.households.one_volunteer",
  [HouseholdRule.ONE_MEMBER]: "pool.households.one_member",
  [HouseholdRule.NONE]: "pool.households.none",
};
export const objectiveWord: Record<LotteryObjective, WordKey> = {
  [LotteryObjective.UNSPECIFIED]: "state.unknown",
  [LotteryObjective.LEXIMIN]: "pool.objective.leximin",
  [LotteryObjective.MAXIMIN]: "pool.objective.maximin",
};

/** Steps of every pool, and where one stands among them. */
export const POOL_STEPS = ["volunteer", "compute", "publish", "draw"] as const;

export function stepOf(status: PoolStatus): number {
  switch (status) {
    case PoolStatus.UNSPECIFIED:
    case PoolStatus.OPEN:
      return 0;
    case PoolStatus.CLOSED:
    case PoolStatus.COMPUTING:
    case PoolStatus.INFEASIBLE:
    case PoolStatus.FAILED:
    case PoolStatus.ABANDONED:
      return 1;
    case PoolStatus.PUBLISHED:
      return 2;
    case PoolStatus.DRAWN:
    case PoolStatus.REPLACING:
      return 3;
  }
}

export interface QuotaValues {
  feature: string;
  min: number;
  max: number;
}

export interface CategoryValues {
  name: string;
  features: QuotaValues[];
}

/** Seats that the quotas of a category ask for at least and allow at most. */
export function boundsOf(features: readonly Partial<Pick<QuotaValues, "min" | "max">>[]): { least: number; most: number } {
  const sum = (of: "min" | "max") => features.reduce((all, feature) => all + (Number(feature?.[of]) || 0), 0);
  return { least: sum("min"), most: sum("max") };
}

/** True when some panel of so many seats can meet the quotas of a category, whoever volunteers. */
export function isPossible(features: readonly Partial<Pick<QuotaValues, "min" | "max">>[], seats: number): boolean {
  const { least, most } = boundsOf(features);
  return least <= seats && seats <= most;
}

/** Quotas with a change carried out. */
export function relaxed(categories: readonly CategoryValues[], changes: readonly Pick<QuotaChange, "category" | "feature" | "lowers" | "becomes">[]): CategoryValues[] {
  return categories.map(({ name, features }) => ({
    name,
    features: features.map(({ feature, min, max }) => {
      const to = (lowers: boolean) => changes.find((change) => change.category === name && change.feature === feature && change.lowers === lowers)?.becomes;
      return { feature, min: to(true) ?? min, max: to(false) ?? max };
    }),
  }));
}

/** A change of a quota in one sentence. */
export function changeInWords(change: Pick<QuotaChange, "category" | "feature" | "lowers" | "was" | "becomes">, language: Language): string {
  const { category, feature, was, becomes } = change;
  return say(language, change.lowers ? "pool.change.lowers" : "pool.change.raises", { category, feature, was, becomes });
}

/** How many members of the panel have a feature: `2`, or `1–3`. */
export function quotaInWords({ min, max }: Pick<QuotaValues, "min" | "max">): string {
  return min === max ? String(min) : `${min}–${max}`;
}

/** A chance as people read it: `12.3%`. */
export function chanceInWords(chance: number): string {
  return `${(chance * 100).toFixed(1)}%`;
}
