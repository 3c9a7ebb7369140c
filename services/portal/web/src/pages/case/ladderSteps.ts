// Which rungs a case has been on. Pure.
import { type Case, CasePhase, Rung } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";

export type RungName = "estate" | "community" | "sub_district" | "departments" | "district";

export interface LadderStep {
  name: RungName;
  state: "here" | "passed" | "ahead";
}

/** The five rungs with where the case stands; the names of its events tell which it passed. */
export function ladderOf(found: Pick<Case, "phase" | "rung">, events: ReadonlySet<string>): LadderStep[] {
  const ended = found.phase === CasePhase.CLOSED || found.phase === CasePhase.VOID;
  const here = hereOf(found);
  const passed: Record<RungName, boolean> = {
    estate: events.has("consultation_convened"),
    community: true,
    sub_district: found.rung >= Rung.SUB_DISTRICT,
    departments: events.has("whistle_sounded"),
    district: found.rung >= Rung.DISTRICT,
  };
  const names: RungName[] = ["estate", "community", "sub_district", "departments", "district"];
  return names.map((name) => ({ name, state: name === here && !ended ? "here" : passed[name] ? "passed" : "ahead" }));
}

function hereOf({ phase, rung }: Pick<Case, "phase" | "rung">): RungName {
  if (phase === CasePhase.CONSULTING) return "estate";
  if (phase === CasePhase.WHISTLED) return "departments";
  switch (rung) {
    case Rung.UNSPECIFIED:
    case Rung.COMMUNITY:
      return "community";
    case Rung.SUB_DISTRICT:
      return "sub_district";
    case Rung.DISTRICT:
      return "district";
  }
}
