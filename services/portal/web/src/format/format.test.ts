import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { CasePhase, ClockKind, ClockSchema, SummonsPhase, SuspensionSchema, WhistlePhase } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { FiguresSchema, RateSchema } from "../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { levelOf, trailOf, within } from "./areas.ts";
import { clocksOfCase, clocksOfSummons, nearestClock, readClock } from "./clocks.ts";
import { durationInWords } from "./durations.ts";
import { percentOf, sortFigures } from "./figures.ts";
import { eventInWords, outcomeInWords } from "./events.ts";
import { dayAndMinute, fieldFromMs, lately, timestampFromField } from "./times.ts";

const HOUR = 3_600_000;
const NOON = Date.parse("2026-11-23T12:00:00+08:00");
const clock = (dueMs: number, stoppedMs?: number, overdue = false) =>
  create(ClockSchema, {
    kind: ClockKind.ANSWER,
    startedAt: timestampFromMs(NOON - 10 * HOUR),
    dueAt: timestampFromMs(dueMs),
    ...(stoppedMs !== undefined && { stoppedAt: timestampFromMs(stoppedMs) }),
    overdue,
  });

describe("durations", () => {
  it.each([
    [0, "不到1秒", "under 1 s"],
    [42_000, "42秒", "42 s"],
    [61_000, "1分", "1 min"],
    [3 * HOUR + 12 * 60_000 + 5_000, "3小时12分", "3 h 12 min"],
    [-26 * HOUR, "1天2小时", "1 d 2 h"],
    [48 * HOUR, "2天", "2 d"],
  ])("tells %d ms", (ms, zh, en) => {
    expect(durationInWords(ms, "zh")).toBe(zh);
    expect(durationInWords(ms, "en")).toBe(en);
  });
});

describe("clocks", () => {
  it("are not shown as done where they were cut short", () => {
    const clocks = [ClockKind.SIGN_FOR, ClockKind.MAKE_CONTACT, ClockKind.REPORT_IN, ClockKind.FINISH].map((kind) => create(ClockSchema, { kind }));
    const kinds = (phase: SummonsPhase, whistle: WhistlePhase) => clocksOfSummons({ clocks, phase }, whistle).map((one) => one.kind);
    expect(kinds(SummonsPhase.EXCUSED, WhistlePhase.SOUNDED)).toEqual([]);
    expect(kinds(SummonsPhase.CONTACTED, WhistlePhase.WITHDRAWN)).toEqual([ClockKind.SIGN_FOR, ClockKind.MAKE_CONTACT]);
    expect(kinds(SummonsPhase.CALLED, WhistlePhase.SOUNDED)).toHaveLength(4);
    const ofCase = [clock(NOON, NOON), clock(NOON)];
    expect(clocksOfCase({ clocks: ofCase, phase: CasePhase.VOID })).toEqual(ofCase.slice(0, 1));
    expect(clocksOfCase({ clocks: ofCase, phase: CasePhase.HANDLING })).toEqual(ofCase);
  });

  it("runs, is soon due, and is overdue by the instant alone", () => {
    expect(readClock(clock(NOON + 9 * HOUR), NOON).state).toBe("running");
    expect(readClock(clock(NOON + HOUR), NOON)).toMatchObject({ state: "soon", leftMs: HOUR });
    expect(readClock(clock(NOON - HOUR), NOON)).toMatchObject({ state: "overdue", leftMs: -HOUR });
  });

  it("is judged by the service once it stopped", () => {
    expect(readClock(clock(NOON, NOON - HOUR), NOON).state).toBe("done");
    expect(readClock(clock(NOON - 2 * HOUR, NOON - HOUR, true), NOON).state).toBe("done_late");
  });

  it("stands still only under an approved suspension that has not ended", () => {
    const until = (ms?: number) => create(SuspensionSchema, { reason: "r", ...(ms !== undefined && { untilAt: timestampFromMs(ms) }) });
    expect(readClock(clock(NOON - HOUR), NOON, until(NOON + HOUR)).state).toBe("suspended");
    expect(readClock(clock(NOON - HOUR), NOON, until(NOON - HOUR)).state).toBe("overdue");
    expect(readClock(clock(NOON - HOUR), NOON, until()).state).toBe("overdue");
    expect(readClock(clock(NOON - HOUR, undefined, true), NOON, until(NOON + HOUR)).state).toBe("overdue");
  });

  it("picks the running one that ends first", () => {
    const first = clock(NOON + HOUR);
    expect(nearestClock([clock(NOON + 2 * HOUR), first, clock(NOON, NOON - HOUR)])).toBe(first);
    expect(nearestClock([clock(NOON, NOON - HOUR)])).toBeUndefined();
  });
});

describe("times", () => {
  it("are those of the city wherever the browser is", () => {
    expect(dayAndMinute(Date.parse("2026-11-22T17:05:00Z"), "zh", NOON)).toBe("11月23日 01:05");
    expect(dayAndMinute(Date.parse("2025-11-22T17:05:00Z"), "zh", NOON)).toBe("2025年11月23日 01:05");
  });

  it("go into a field and come back", () => {
    expect(fieldFromMs(NOON)).toBe("2026-11-23T12:00");
    expect(timestampFromField("2026-11-23T12:00")).toEqual(timestampFromMs(NOON));
    expect(timestampFromField("")).toBeUndefined();
  });
});

describe("areas", () => {
  it("lie within one another by their codes", () => {
    expect(trailOf("330105001052")).toEqual(["330105", "330105001", "330105001052"]);
    expect(levelOf("330105001052003")).toBe("estate");
    expect(levelOf("3301")).toBeUndefined();
    expect(within("330105001052", "330105001")).toBe(true);
    expect(within("330105002", "330105001")).toBe(false);
    expect(within("330105002", "")).toBe(false);
  });
});

describe("figures", () => {
  const row = (key: string, open: bigint, value?: number) =>
    create(FiguresSchema, { key, open, responseRate: create(RateSchema, value === undefined ? {} : { value }) });

  it("give no rate for a small sample", () => {
    expect(percentOf(row("a", 0n).responseRate)).toBeUndefined();
    expect(percentOf(row("a", 0n, 0.905).responseRate)).toBe("90.5%");
  });

  it("sort with rows without a value last in either direction", () => {
    const rows = [row("a", 1n), row("b", 3n, 0.5), row("c", 3n, 0.9)];
    const keys = (descending: boolean) => sortFigures(rows, "responseRate", descending).map((one) => one.key);
    expect(keys(true)).toEqual(["c", "b", "a"]);
    expect(keys(false)).toEqual(["b", "c", "a"]);
    expect(sortFigures(rows, "open", true).map((one) => one.key)).toEqual(["b", "c", "a"]);
  });
});

describe("events", () => {
  const departmentName = (code: string) => `[${code}]`;
  it.each([
    ["case_reopened", "2", "第 2 轮", "Round 2"],
    ["reporter_joined", "3", "第 3 位反映人", "Reporter 3"],
    ["whistle_sounded", "fire-rescue housing", "[fire-rescue]、[housing]", "[fire-rescue], [housing]"],
    ["suspension_approved", "2026-11-24T04:05:00Z", "至 11月24日 12:05", "Until 24 Nov, 12:05"],
    ["case_rated", "not_satisfied", "不满意", "Not satisfied"],
    ["case_rated", "something_new", "something new", "something new"],
  ])("tells what came of %s %s", (event, outcome, zh, en) => {
    expect(outcomeInWords(event, outcome, "zh", departmentName)).toBe(zh);
    expect(outcomeInWords(event, outcome, "en", departmentName)).toBe(en);
  });

  it("shows one that is not known by its own name", () => {
    expect(eventInWords("something_new", "zh")).toBe("something new");
  });

  it("tells the second of today and the day of another day", () => {
    expect(lately(NOON - HOUR, "zh", NOON)).toBe("11:00:00");
    expect(lately(NOON - 13 * HOUR, "zh", NOON)).toBe("11-22 23:00");
    expect(lately(NOON - 400 * 24 * HOUR, "en", NOON)).toBe("2025-10-19 12:00");
  });
});
