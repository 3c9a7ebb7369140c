import { create } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { boardOf, homeOf } from "../app/home.ts";
import { Permits } from "../app/permits.ts";
import { startOf, StartChoice } from "../actions/exchangeSpecs.ts";
import { CatalogueFactSchema, ProgressSchema } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { PermitSchema } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { heldInWords, lagInWords } from "../pages/subscriptions/lag.ts";
import { byService, choicesOf, factMatches, prettyJson, shortType } from "./facts.ts";
import { keyOf, organizationOf, partsOf } from "./organizations.ts";
import { endOfDay, timestampFromField } from "./times.ts";

const permits = (departmentCode: string, areaCode: string, ...held: string[]) =>
  new Permits({ permits: held.map((permission) => create(PermitSchema, { permission, areaCode, departmentCode })) });

describe("permits", () => {
  const liaison = permits("housing", "330105", "whistle.read", "grant.read", "subscription.manage");
  const leader = permits("", "330105001", "board.read", "grant.read", "subscription.manage");
  const operator = permits("", "330105", "board.read", "grant.read", "grant.decide");

  it("of a department are for that department only", () => {
    expect(liaison.organizationsOf("grant.read")).toEqual(["department/housing"]);
    expect(liaison.allowsFor("grant.read", "department/housing")).toBe(true);
    expect(liaison.allowsFor("grant.read", "department/fire-rescue")).toBe(false);
    expect(liaison.allowsFor("grant.read", "area/330105001")).toBe(false);
    expect(liaison.allowsEverywhere("grant.read")).toBe(false);
  });

  it("of a sub-district are for the areas in it and for no department", () => {
    expect(leader.organizationsOf("grant.read")).toEqual(["area/330105001"]);
    expect(leader.allowsFor("grant.read", "area/330105001052")).toBe(true);
    expect(leader.allowsFor("grant.read", "area/330105002")).toBe(false);
    expect(leader.allowsFor("grant.read", "department/housing")).toBe(false);
    expect(leader.district()).toBe("330105");
  });

  it("of the district are for every organization", () => {
    expect(operator.allowsEverywhere("grant.read")).toBe(true);
    expect(operator.allowsFor("grant.decide", "department/housing")).toBe(true);
    expect(operator.allowsFor("subscription.manage", "department/housing")).toBe(false);
  });

  it("lead to where the work of a post begins", () => {
    expect(homeOf(operator)).toBe("/grants");
    expect(boardOf(operator)).toBe("/board/330105");
    expect(homeOf(leader)).toBe("/board/330105001");
    expect(homeOf(liaison)).toBe("/inbox");
    expect(homeOf(permits("housing", "330105", "grant.read", "subscription.read", "fact.receive"))).toBe("/subscriptions");
    expect(homeOf(permits("", "330105"))).toBeUndefined();
  });
});

describe("organizations", () => {
  it.each(["department/housing", "area/330105001"])("%s goes into a request and comes back", (key) => {
    expect(keyOf(organizationOf(key) as Parameters<typeof keyOf>[0])).toBe(key);
  });

  it("are none where the text is none", () => {
    expect(organizationOf("")).toBeUndefined();
    expect(partsOf("office/330105")).toBeUndefined();
    expect(keyOf(undefined)).toBe("");
  });
});

describe("facts", () => {
  const fact = (name: string, titleZh: string, titleEn: string) => create(CatalogueFactSchema, { fact: name, titleZh, titleEn });
  const sounded = fact("dispatch.whistle_sounded", "街道吹哨", "whistle sounded");
  const drawn = fact("grid.grid_drawn", "网格划定", "grid drawn");

  it("are found by every word of a search", () => {
    expect(factMatches(sounded, "吹哨")).toBe(true);
    expect(factMatches(sounded, "WHISTLE dispatch")).toBe(true);
    expect(factMatches(sounded, "whistle grid")).toBe(false);
    expect(factMatches(sounded, "")).toBe(true);
  });

  it("stand together by their service", () => {
    expect(byService([sounded, drawn, sounded]).map((group) => [group.service, group.facts.length])).toEqual([
      ["dispatch", 2],
      ["grid", 1],
    ]);
  });

  it("tell what their fields may hold", () => {
    const level = { anyOf: [{ const: "LEVEL_UNSPECIFIED" }, { const: "LEVEL_RED" }] };
    const schema = { properties: { level, kinds: { type: "array", items: level }, name: { type: "string" }, none: { anyOf: [{ type: "string" }] } } };
    expect([...choicesOf(JSON.stringify(schema))]).toEqual([
      ["level", ["LEVEL_RED"]],
      ["kinds", ["LEVEL_RED"]],
    ]);
    expect(choicesOf("no json").size).toBe(0);
  });

  it("are shown short and readable", () => {
    expect(shortType("repeated gongzhi.dispatch.v1.Rung")).toBe("repeated Rung");
    expect(shortType("string")).toBe("string");
    expect(prettyJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
    expect(prettyJson("{")).toBe("{");
  });
});

describe("progress", () => {
  const progress = (part: Parameters<typeof create<typeof ProgressSchema>>[1]) => create(ProgressSchema, part);

  it("tells how far behind and for how long", () => {
    expect(lagInWords(progress({ position: 7n, newestPosition: 10n, lagSeconds: 75 }), "zh")).toBe("3 条 · 1分");
    expect(lagInWords(progress({ position: 7n, newestPosition: 10n }), "en")).toBe("3");
    expect(lagInWords(progress({ position: 10n, newestPosition: 10n, lagSeconds: 75 }), "zh")).toBe("已跟上");
    expect(lagInWords(undefined, "en")).toBe("Caught up");
  });

  it("tells what waits", () => {
    expect(heldInWords(progress({ held: 5n, parked: 2n }), "zh")).toBe("5 条，其中搁置 2");
    expect(heldInWords(progress({ held: 5n }), "en")).toBe("5");
    expect(heldInWords(progress({}), "zh")).toBe("无");
  });
});

describe("instants of forms", () => {
  it("begin delivery at one of three", () => {
    expect(startOf({ start: StartChoice.NOW })).toEqual({ start: { case: "now", value: true } });
    expect(startOf({ start: StartChoice.BEGINNING, "start.time": "2026-11-23T12:00" })).toEqual({ start: { case: "beginning", value: true } });
    expect(startOf({ start: StartChoice.TIME, "start.time": "2026-11-23T12:00" })).toEqual({ start: { case: "time", value: timestampFromField("2026-11-23T12:00") } });
  });

  it("end a day with its last minute in the city", () => {
    expect(endOfDay("2026-11-23")).toEqual(timestampFromField("2026-11-23T23:59"));
    expect(endOfDay("")).toBeUndefined();
  });
});
