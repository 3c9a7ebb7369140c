// What may be done with funds: forms with the limits of the contract, and the calls that carry them out.
import { hundredthsOf } from "../format/deliberation.ts";
import { ruleNote, ruleWord } from "../format/funds.ts";
import { timestampFromField } from "../format/times.ts";
import { FundRule } from "../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { funds } from "../rpc/deliberation.ts";
import type { TopicTarget } from "./deliberationSpecs.ts";
import { type ActionSpec, type FormValues, text, words } from "./specs.ts";

const MOST_FEN = 10_000_000_000_000n;
const RULES = [FundRule.EQUAL_SHARES, FundRule.EQUAL_SHARES_THEN_GREEDY, FundRule.PHRAGMEN, FundRule.GREEDY];
const fenOf = (values: FormValues, name: string) => hundredthsOf(words(values, name)) ?? 0n;

export const openFund: ActionSpec<TopicTarget> = {
  title: "action.OpenFund",
  note: "action.OpenFund.note",
  fields: [
    { kind: "money", name: "amountFen", label: "field.fundAmount", mostFen: MOST_FEN },
    { kind: "choice", name: "rule", label: "field.fundRule", options: RULES.map((value) => ({ value, label: ruleWord[value], note: ruleNote[value] })) },
    text("tieSource", "field.tieSource", 2, 200, "field.tieSourceHint"),
    { kind: "time", name: "closesAt", label: "field.closesAt", hint: "field.fundClosesHint", withinDays: 430 },
  ],
  call: ({ topicId }, values, options) => {
    const closesAt = timestampFromField(words(values, "closesAt"));
    return funds.openFund({ topicId, amountFen: fenOf(values, "amountFen"), rule: Number(values.rule), tieSource: words(values, "tieSource"), ...(closesAt && { closesAt }) }, options);
  },
};

export interface FundTarget {
  fundId: string;
}

/** Adds a project that lies in the community and costs no more than the fund has. */
export function addProject(within: string, mostFen: bigint): ActionSpec<FundTarget> {
  return {
    title: "action.AddProject",
    note: "action.AddProject.note",
    fields: [
      text("title", "field.projectTitle", 2, 60),
      { kind: "area", name: "areaCode", label: "field.projectPlace", within },
      { kind: "money", name: "costFen", label: "field.projectCost", mostFen },
      { kind: "text", name: "exclusionGroup", label: "field.exclusionGroup", hint: "field.exclusionGroupHint", min: 1, max: 20, optional: true },
    ],
    call: ({ fundId }, values, options) =>
      funds.addProject({ fundId, title: words(values, "title"), areaCode: words(values, "areaCode"), costFen: fenOf(values, "costFen"), exclusionGroup: words(values, "exclusionGroup") }, options),
  };
}

export const withdrawProject: ActionSpec<FundTarget & { number: number }> = {
  title: "action.WithdrawProject",
  note: "action.WithdrawProject.note",
  grave: true,
  fields: [text("reason", "field.publicReason", 10, 500)],
  call: (target, values, options) => funds.withdrawProject({ ...target, reason: words(values, "reason") }, options),
};

export const publishFund: ActionSpec<FundTarget> = {
  title: "action.PublishFund",
  note: "action.PublishFund.note",
  fields: [{ kind: "ordinal", name: "households", label: "field.fundHouseholds", hint: "field.fundHouseholdsHint", min: 10, max: 100_000 }],
  call: ({ fundId }, values, options) => funds.publishFund({ fundId, households: Number(values.households) }, options),
};

export const closeFund: ActionSpec<FundTarget> = {
  title: "action.CloseFund",
  note: "action.CloseFund.note",
  fields: [],
  call: ({ fundId }, _, options) => funds.closeFund({ fundId }, options),
};

/** Computes once more what found no outcome in its time. */
export const computeAgain: ActionSpec<FundTarget> = { ...closeFund, title: "action.CloseFund.again", note: "action.CloseFund.againNote" };

export const settleTie: ActionSpec<FundTarget> = {
  title: "action.SettleTie",
  note: "action.SettleTie.note",
  fields: [{ kind: "digits", name: "number", label: "field.tieNumber", min: 6, max: 30 }],
  call: ({ fundId }, values, options) => funds.settleTie({ fundId, number: words(values, "number") }, options),
};
