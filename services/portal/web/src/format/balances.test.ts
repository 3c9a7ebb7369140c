import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { BalanceRoundSchema, PartyKind } from "../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { followsFromPositions, gainsOf, productOf, scoreOf, whyInWords } from "./balances.ts";

const party = (code: string, name: string) => ({ $typeName: "gongzhi.deliberation.v1.BalanceParty" as const, code, name, kind: PartyKind.SOCIAL });
const balance = { parties: [party("a", "居委会"), party("b", "业主")], options: ["东侧", "西侧", "地下"] };
const positions = [
  { party: "a", scores: [60, 90, 40], bottomLine: 50 },
  { party: "b", scores: [70, 45, 80], bottomLine: 40 },
];
const met = create(BalanceRoundSchema, { round: 1, positions, feasible: [1, 2], choice: 1, product: "300", largestMinimumGainChoice: 1 });
const unmet = create(BalanceRoundSchema, {
  round: 1,
  positions: [
    { party: "a", scores: [60, 90, 40], bottomLine: 95 },
    { party: "b", scores: [70, 45, 80], bottomLine: 75 },
  ],
  choice: 2,
  shortfalls: [5, 30],
  conflicts: [{ parties: ["a", "b"] }, { parties: ["a"] }],
});

describe("a round", () => {
  it("is recomputed from its positions", () => {
    expect(gainsOf(met, 1)).toEqual([10, 30]);
    expect(followsFromPositions(met)).toBe(true);
    expect(followsFromPositions({ ...met, choice: 2 })).toBe(false);
    expect(followsFromPositions({ ...met, feasible: [1] })).toBe(false);
    expect(followsFromPositions({ ...met, product: "301" })).toBe(false);
  });
  it("is recomputed where nothing is feasible", () => {
    expect(followsFromPositions(unmet)).toBe(true);
    expect(followsFromPositions({ ...unmet, shortfalls: [5, 29] })).toBe(false);
    expect(followsFromPositions({ ...unmet, shortfalls: [35, 5], choice: 1 })).toBe(false);
    expect(followsFromPositions({ ...unmet, feasible: [3] })).toBe(false);
  });
  it("says why its choice is the point of balance", () => {
    expect(whyInWords(balance, met, "zh")).toEqual(["“东侧”是平衡点：各方得分超出底线的部分相乘，10 × 30 = 300，在 2 个可行方案中最大。", "它的最小得益（10 分）也最大。"]);
    expect(whyInWords(balance, { ...met, feasible: [1] }, "zh")).toEqual(["“东侧”是平衡点：只有它不低于任何一方的底线。各方超出底线的部分相乘，10 × 30 = 300。"]);
    expect(whyInWords(balance, { ...met, largestMinimumGainChoice: 2 }, "zh")[1]).toContain("对照：“西侧”里得益最少的一方也超出底线 5 分");
  });
  it("says whose bottom lines cannot be met", () => {
    expect(whyInWords(balance, unmet, "zh")).toEqual(["没有一个方案达到所有底线。“西侧”的最大差距最小：居委会差 5 分，业主差 30 分。", "居委会、业主的底线不能同时满足", "没有一个方案达到居委会的底线"]);
  });
});

it("multiplies gains beyond what a computer counts", () => {
  expect(productOf(Array.from({ length: 12 }, () => 100))).toBe(10n ** 24n);
});

it("reads scores of 0 to 100 only", () => {
  expect(["0", " 100 ", 7, "101", "-1", "1.5", "", undefined].map(scoreOf)).toEqual([0, 100, 7, undefined, undefined, undefined, undefined, undefined]);
});
