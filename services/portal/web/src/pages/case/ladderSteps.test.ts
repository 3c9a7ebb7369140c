import { expect, it } from "vitest";
import { CasePhase, Rung } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { ladderOf } from "./ladderSteps.ts";

const states = (phase: CasePhase, rung: Rung, events: string[] = []) => ladderOf({ phase, rung }, new Set(events)).map((step) => step.state);

it("shows a whistled case at the departments, with what it passed", () => {
  expect(states(CasePhase.WHISTLED, Rung.SUB_DISTRICT, ["consultation_convened", "whistle_sounded"])).toEqual(["passed", "passed", "passed", "here", "ahead"]);
});

it("shows a consulting case at the estate", () => {
  expect(states(CasePhase.CONSULTING, Rung.COMMUNITY)).toEqual(["here", "passed", "ahead", "ahead", "ahead"]);
});

it("shows an ended case nowhere", () => {
  expect(states(CasePhase.CLOSED, Rung.COMMUNITY)).toEqual(["ahead", "passed", "ahead", "ahead", "ahead"]);
});
