// Phrases of funds, and what their figures mean.
import type { WordKey } from "../app/words/index.ts";
import { type Fund, type FundProject, FundRule, FundStatus, WhyLost } from "../gen/gongzhi/deliberation/v1/fund_pb.ts";
import type { Tone } from "./vocabulary.ts";

export const fundStatusWord: Record<FundStatus, WordKey> = {
  [FundStatus.UNSPECIFIED]: "state.unknown",
  [FundStatus.OPEN]: "fund.status.open",
  [FundStatus.PUBLISHED]: "fund.status.published",
  [FundStatus.COMPUTING]: "fund.status.computing",
  [FundStatus.TIED]: "fund.status.tied",
  [FundStatus.DECIDED]: "fund.status.decided",
  [FundStatus.OVERDUE]: "fund.status.overdue",
};
export const fundStatusTone: Record<FundStatus, Tone> = {
  [FundStatus.UNSPECIFIED]: "neutral",
  [FundStatus.OPEN]: "warn",
  [FundStatus.PUBLISHED]: "active",
  [FundStatus.COMPUTING]: "active",
  [FundStatus.TIED]: "warn",
  [FundStatus.DECIDED]: "good",
  [FundStatus.OVERDUE]: "bad",
};
export const ruleWord: Record<FundRule, WordKey> = {
  [FundRule.UNSPECIFIED]: "fund.rule.equal_shares",
  [FundRule.EQUAL_SHARES]: "fund.rule.equal_shares",
  [FundRule.EQUAL_SHARES_THEN_GREEDY]: "fund.rule.equal_shares_then_greedy",
  [FundRule.PHRAGMEN]: "fund.rule.phragmen",
  [FundRule.GREEDY]: "fund.rule.greedy",
};
/** The rule in one sentence. */
export const ruleNote: Record<FundRule, WordKey> = {
  [FundRule.UNSPECIFIED]: "fund.ruleNote.equal_shares",
  [FundRule.EQUAL_SHARES]: "fund.ruleNote.equal_shares",
  [FundRule.EQUAL_SHARES_THEN_GREEDY]: "fund.ruleNote.equal_shares_then_greedy",
  [FundRule.PHRAGMEN]: "fund.ruleNote.phragmen",
  [FundRule.GREEDY]: "fund.ruleNote.greedy",
};
export const whyLostWord: Record<WhyLost, WordKey> = {
  [WhyLost.UNSPECIFIED]: "fund.lost.unknown",
  [WhyLost.WITHDRAWN]: "fund.lost.withdrawn",
  [WhyLost.SAME_GROUP]: "fund.lost.same_group",
  [WhyLost.NO_SUPPORTERS]: "fund.lost.no_supporters",
  [WhyLost.TOO_LITTLE_LEFT]: "fund.lost.too_little_left",
  [WhyLost.OVER_BUDGET]: "fund.lost.over_budget",
  [WhyLost.ENDED]: "fund.lost.ended",
};

/** Steps of every fund, and where one stands among them; a tie and running out of time are stops on the third. */
export const FUND_STEPS = ["open", "published", "computing", "decided"] as const;

export function stepOf(status: FundStatus): number {
  switch (status) {
    case FundStatus.UNSPECIFIED:
    case FundStatus.OPEN:
      return 0;
    case FundStatus.PUBLISHED:
      return 1;
    case FundStatus.COMPUTING:
    case FundStatus.TIED:
    case FundStatus.OVERDUE:
      return 2;
    case FundStatus.DECIDED:
      return 3;
  }
}

/** Projects that are paid for, in the order in which they were bought. */
export function winnersOf(fund: Pick<Fund, "projects" | "winners">): FundProject[] {
  return fund.winners.flatMap((number) => fund.projects.find((project) => project.number === number) ?? []);
}

/** What projects cost together, in fen. */
export function costOf(projects: readonly Pick<FundProject, "costFen">[]): bigint {
  return projects.reduce((sum, { costFen }) => sum + costFen, 0n);
}
