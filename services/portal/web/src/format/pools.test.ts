import { describe, expect, it } from "vitest";
import { type DrawRecord, follows, isAsTold, roundsOf, ticketsOf } from "./drawRecord.ts";
import { boundsOf, changeInWords, chanceInWords, isPossible, quotaInWords, relaxed } from "./pools.ts";

const AGES = { name: "年龄", features: [{ feature: "35岁以下", min: 2, max: 3 }, { feature: "60岁以上", min: 1, max: 2 }] };

describe("quotas", () => {
  it("say how many seats they ask for and allow", () => {
    expect(boundsOf(AGES.features)).toEqual({ least: 3, most: 5 });
    expect([2, 3, 5, 6].map((seats) => isPossible(AGES.features, seats))).toEqual([false, true, true, false]);
    expect(boundsOf([{}, { min: 1 }])).toEqual({ least: 1, most: 0 });
  });

  it("become what the smallest change makes of them", () => {
    const changes = [{ category: "年龄", feature: "60岁以上", lowers: true, was: 1, becomes: 0 }, { category: "性别", feature: "35岁以下", lowers: false, was: 3, becomes: 9 }];
    expect(relaxed([AGES], changes)[0]!.features).toEqual([{ feature: "35岁以下", min: 2, max: 3 }, { feature: "60岁以上", min: 0, max: 2 }]);
    expect(changeInWords(changes[0]!, "zh")).toContain("1 降到 0");
  });

  it("are said as one number where they leave no choice", () => {
    expect([quotaInWords({ min: 2, max: 2 }), quotaInWords({ min: 0, max: 3 })]).toEqual(["2", "0–3"]);
  });

  it("have chances with one decimal", () => {
    expect(chanceInWords(0.2506)).toBe("25.1%");
  });
});

const RECORD: DrawRecord = {
  seats: 2,
  draw_source: "当众摇号",
  categories: [],
  quota_changes: [],
  household_rule: "none",
  objective: "LOTTERY_OBJECTIVE_LEXIMIN",
  lottery_error: 0.001,
  volunteers: [11, 12, 15, 16],
  chances: [0.5, 0.5, 0.5, 0.5],
  tickets: "0 0 1\n1 2 3\n",
  tickets_sha256: "a",
  draw: { number: "003", ticket: 1, panel: [16, 15] },
  replacements: [{ left: [16], tickets: "0 0 2\n1 1 2\n", tickets_sha256: "b", draw: { number: "123456", ticket: 0, panel: [11, 15] } }],
  how: "",
};

describe("the record of a draw", () => {
  it("gives everybody the chance that is told", () => {
    expect(ticketsOf(RECORD)).toEqual({ count: 2, of: [1, 1, 1, 1] });
    expect(isAsTold(RECORD)).toBe(true);
    expect(isAsTold({ ...RECORD, chances: [0.6, 0.5, 0.5, 0.4] })).toBe(false);
  });

  it("follows from its numbers, with the replacements", () => {
    expect(roundsOf(RECORD).map((round) => follows(round, RECORD.volunteers))).toEqual([true, true]);
  });

  it("does not where somebody else sits on the panel, or somebody who left", () => {
    const [first, second] = roundsOf(RECORD);
    expect(follows({ ...first!, draw: { ...first!.draw!, panel: [11, 15] } }, RECORD.volunteers)).toBe(false);
    expect(follows({ ...second!, left: [15] }, RECORD.volunteers)).toBe(false);
    expect(follows({ ...second!, draw: null }, RECORD.volunteers)).toBe(true);
  });
});
