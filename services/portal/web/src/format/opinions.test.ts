import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { Judgement, MapStatementSchema, OpinionMapSchema } from "../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { acrossGroups, bridgingMost, layoutOf, neighbour, SIDE, sidesOf, sortStatements } from "./opinionMap.ts";
import { countsInWords, groupLetter, judgementOfKey, leftInWords, scoreInWords, stageOf, withheldInWords } from "./opinions.ts";

const statement = (number: number, more: Omit<MessageInitShape<typeof MapStatementSchema>, "$typeName"> = {}) => create(MapStatementSchema, { number, text: `第${number}条`, ...more });

describe("conversations", () => {
  it("have ended before anybody closes them", () => {
    const closesAt = timestampFromMs(1000);
    expect(stageOf({ closesAt }, 999)).toBe("open");
    expect(stageOf({ closesAt }, 1000)).toBe("ended");
    expect(stageOf({ closesAt, closedAt: timestampFromMs(500) }, 999)).toBe("closed");
  });
  it("are answered by keys", () => {
    expect(["1", "2", "3", "ArrowLeft", "ArrowDown", "ArrowRight"].map(judgementOfKey)).toEqual([Judgement.AGREE, Judgement.PASS, Judgement.DISAGREE, undefined, undefined, undefined]);
    expect(judgementOfKey("Enter")).toBeUndefined();
  });
  it("say how many are left, and no more than is known", () => {
    expect(leftInWords(4, false, "zh")).toBe("还有 4 条");
    expect(leftInWords(10, true, "zh")).toBe("还有 10 条以上");
  });
  it("count those who passed, and say when too few have judged", () => {
    expect(countsInWords({ agree: 20, disagree: 7, all: 30 }, "zh")).toBe("同意 20，不同意 7，跳过 3，共 30 人");
    expect(countsInWords(undefined, "en")).toContain("Fewer than ten");
  });
});

describe("what is withheld", () => {
  it("is said in the language of the page", () => {
    expect(withheldInWords("groups are told of 30 people or more, not of 12", "zh")).toContain("可以分组的有 12 人；满 30 人");
    expect(withheldInWords("a group has fewer than 10 people: what they said could be read from it", "zh")).toContain("不满 10 人");
    expect(withheldInWords("nothing is told of fewer than ten people", "zh")).toContain("不满 10 人");
  });
  it("is quoted where it is not known", () => {
    expect(withheldInWords("because of the moon", "en")).toBe("The service says: because of the moon");
  });
});

describe("the picture", () => {
  const map = create(OpinionMapSchema, {
    statements: [statement(1, { point: { x: 2, y: 0 } }), statement(2, { point: { x: -1, y: 1 } }), statement(3), statement(4, { point: { x: 2, y: 0 } })],
    groups: [
      { people: 16, centre: { x: 1, y: 0 } },
      { people: 4, centre: { x: -1, y: 0 } },
    ],
  });
  const { dots, circles, origin } = layoutOf(map);
  it("holds a dot for every statement that has a place, within the square", () => {
    expect(dots.map((dot) => dot.number)).toEqual([1, 2, 4]);
    expect(dots.every(({ x, y }) => x > 0 && x < SIDE && y > 0 && y < SIDE)).toBe(true);
  });
  it("has what is positive right and above", () => {
    expect(dots[0]!.x).toBeGreaterThan(origin.x);
    expect(dots[0]!.y).toBeCloseTo(origin.y);
    expect(dots[1]!.y).toBeLessThan(origin.y);
  });
  it("has statements and groups on one scale", () => {
    expect(circles[0]!.x - origin.x).toBeCloseTo((dots[0]!.x - origin.x) / 2);
  });
  it("draws four times the people twice as wide", () => {
    expect(circles[0]!.radius).toBeCloseTo(2 * circles[1]!.radius);
  });
  it("never lays one dot on another", () => {
    const apart = dots.flatMap((a) => dots.filter((b) => b.number > a.number).map((b) => Math.hypot(a.x - b.x, a.y - b.y)));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(15);
    expect(layoutOf(map)).toEqual({ dots, circles, origin });
  });
  it("is empty for an empty map", () => {
    expect(layoutOf({ statements: [], groups: [] })).toMatchObject({ dots: [], circles: [] });
  });
  it("is walked with arrow keys", () => {
    const line = [
      { number: 1, x: 0, y: 0 },
      { number: 2, x: 10, y: 1 },
      { number: 3, x: 8, y: 40 },
    ];
    expect(neighbour(line, 1, "ArrowRight")).toBe(2);
    expect(neighbour(line, 2, "ArrowDown")).toBe(3);
    expect(neighbour(line, 1, "ArrowLeft")).toBe(1);
    expect(neighbour(line, 99, "ArrowLeft")).toBe(1);
  });
});

describe("orders of statements", () => {
  const shared = [
    statement(1, { consensusAgree: 0.2, consensusDisagree: 0.6, bridging: 0.4, count: { agree: 5, disagree: 5, all: 10 } }),
    statement(2, { consensusAgree: 0.8, consensusDisagree: 0.01, bridging: 0.3, count: { agree: 6, disagree: 1, all: 11 } }),
    statement(3),
  ];
  const map = create(OpinionMapSchema, { statements: shared, groups: [{ people: 10 }, { people: 20 }] });
  it("have first what all groups are on one side of", () => {
    expect(acrossGroups(map, 5).map(({ statement: { number }, agree, score }) => [number, agree, score])).toEqual([
      [2, true, 0.8],
      [1, false, 0.6],
    ]);
    expect(acrossGroups(map, 1)).toHaveLength(1);
    expect(acrossGroups({ ...map, statements: [statement(4, { consensusAgree: 0.25, consensusDisagree: 0.1 })] }, 5)).toEqual([]);
  });
  it("have no bridge that fewer than half would walk on", () => {
    expect(bridgingMost(shared, 5).map(({ statement: { number } }) => number)).toEqual([2]);
  });
  it("have last what has no value, in either direction", () => {
    expect(sortStatements(shared, "across", true).map(({ number }) => number)).toEqual([2, 1, 3]);
    expect(sortStatements(shared, "across", false).map(({ number }) => number)).toEqual([1, 2, 3]);
  });
  it("leave out sides on statements that are not shown any more", () => {
    const sides = create(OpinionMapSchema, { groups: [{ representative: [{ number: 2, agree: true }, { number: 9, agree: false }] }] }).groups[0]!.representative;
    expect(sidesOf({ statements: shared }, sides).map(({ statement: { number } }) => number)).toEqual([2]);
  });
});

it("writes numbers with a true minus and names groups by letters", () => {
  expect([scoreInWords(-0.256), scoreInWords(0.5), scoreInWords(-0.001)]).toEqual(["−0.26", "0.50", "0.00"]);
  expect([0, 4].map(groupLetter)).toEqual(["A", "E"]);
});
