import { describe, expect, it } from "vitest";
import { PlaceRule } from "../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { agrees, type BallotRecord, recountOf } from "./ballotRecord.ts";
import { panelOf } from "./drawRecord.ts";
import { batchesOf, FUND_CODE, groupedCode, hundredthsOf, isReached, isWholeCode, placeInWords, readRoll, remainderOf, shareInWords, yuanOf } from "./deliberation.ts";

const TWO_THIRDS = { numerator: 2, denominator: 3, more: false };
const HALF = { numerator: 1, denominator: 2, more: true };

describe("shares", () => {
  it("are exact: reaching 2/3 suffices, half must be exceeded", () => {
    expect(isReached(2n, 3n, TWO_THIRDS)).toBe(true);
    expect(isReached(66n, 100n, TWO_THIRDS)).toBe(false);
    expect(isReached(5n, 10n, HALF)).toBe(false);
    expect(isReached(6n, 10n, HALF)).toBe(true);
    expect(isReached(0n, 0n, TWO_THIRDS)).toBe(false);
  });
  it("are said as the law says them", () => {
    expect(shareInWords(HALF, "zh")).toBe("超过 1/2");
    expect(shareInWords({ numerator: 1, denominator: 1, more: false }, "zh")).toBe("全体");
  });
});

it("tells why a topic has its place", () => {
  const place = { topicId: "t", rule: PlaceRule.SUPPORT, households: 41, householdsWithout: 29, buildings: 4, dueOn: "" };
  expect(placeInWords(place, 3, "zh")).toBe("第3位，因为4幢楼41户支持，其中29户此前没有任何议题列入议程");
});

it("divides numbers longer than a computer counts", () => {
  expect(remainderOf("123456789012345678901234567890", 7)).toBe(Number(123456789012345678901234567890n % 7n));
  expect(remainderOf("", 7)).toBeUndefined();
});

describe("rolls", () => {
  it("are read from a pasted list", () => {
    expect(readRoll("编号,面积\n1,89.50\n2\t120\n\n1203.4,未售\n")).toEqual({ rows: [{ area: 8950n, unsold: false }, { area: 12000n, unsold: false }, { area: 120340n, unsold: true }], wrong: [] });
  });
  it("say which lines are wrong", () => {
    expect(readRoll("89.5\nabc\n-3\n1.234").wrong).toEqual([2, 3, 4]);
  });
  it("go in batches", () => expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]));
});

it("writes codes and money as people read them", () => {
  expect(groupedCode("７k3m 92qd-x4ta")).toBe("7K3M-92QD-X4TA");
  expect(groupedCode("7k3m9 2qdx4", FUND_CODE)).toBe("7K3M9-2QDX4");
  expect(isWholeCode("7k3m92qdx4", FUND_CODE)).toBe(true);
  expect(isWholeCode("7k3m92qdx", FUND_CODE)).toBe(false);
  expect(isWholeCode("7k3m92qdx4")).toBe(false);
  expect(yuanOf(123456789n)).toBe("¥1,234,567.89");
  expect(hundredthsOf("12,345.6")).toBe(1234560n);
  expect(hundredthsOf("1.234")).toBeUndefined();
});

describe("a public record", () => {
  const count = { total_heads: 3, part_heads: 2, for_heads: 2, against_heads: 0, total_area: 300, part_area: 200, for_area: 200 };
  const record: BallotRecord = {
    question: "?",
    secrecy: "open",
    threshold: { rule: "r", since: "2021-01-01", source: "s", quorum: TWO_THIRDS, approval: HALF, by_area: true },
    electors: [1, 2, 3].map((number) => ({ number, area: 100, unsold: false, ...(number < 3 && { choice: "for" as const }) })),
    count,
    outcome: "adopted",
  };
  it("is counted again", () => expect(agrees(record, recountOf(record))).toBe(true));
  it("that was changed is noticed", () => {
    const forged = { ...record, electors: record.electors.map((one) => ({ ...one, choice: "against" as const })) };
    expect(agrees(forged, recountOf(forged))).toBe(false);
  });
  it("of a secret ballot is counted from its papers", () => {
    const secret = { ...record, secrecy: "secret", papers: ["for", "abstain"] as const, electors: record.electors.map(({ choice: _, ...one }) => one), threshold: { ...record.threshold, by_area: false } };
    expect(recountOf({ ...secret, papers: [...secret.papers] }).outcome).toBe("rejected");
  });
});

describe("a draw by lot", () => {
  const record = { volunteers: [3, 8, 12, 40], tickets: "0 0 1\n1 1 2\n2 2 3\n" };
  it("is recomputed from its tickets", () => expect(panelOf(record, "047")).toEqual({ count: 3, ticket: 2, panel: [12, 40] }));
  it("has no panel before a number is drawn", () => expect(panelOf(record, "")).toBeUndefined());
});
