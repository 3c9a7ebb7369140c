// What a clock says now. Pure: the instant comes from outside, the law of the clock stays in the service.
import { type Case, CasePhase, type Clock, ClockKind, type Summons, SummonsPhase, type Suspension, WhistlePhase } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { msOf } from "./times.ts";

export type ClockReading =
  | { state: "done" | "done_late"; dueMs: number | undefined; stoppedMs: number }
  | { state: "running" | "soon" | "overdue"; dueMs: number; leftMs: number }
  | { state: "suspended"; dueMs: number | undefined; untilMs: number };

const SOON_MS = 30 * 60_000;
const SOON_SHARE = 0.2;

/** Reads a clock: done, running, soon due, overdue or standing still under an approved suspension, which cures no lateness. */
export function readClock(clock: Clock, nowMs: number, suspension?: Suspension): ClockReading {
  const dueMs = msOf(clock.dueAt);
  const stoppedMs = msOf(clock.stoppedAt);
  if (stoppedMs !== undefined) return { state: clock.overdue ? "done_late" : "done", dueMs, stoppedMs };
  const untilMs = msOf(suspension?.untilAt);
  if (untilMs !== undefined && untilMs > nowMs && !clock.overdue) return { state: "suspended", dueMs, untilMs };
  const due = dueMs ?? nowMs;
  const leftMs = due - nowMs;
  if (clock.overdue || leftMs < 0) return { state: "overdue", dueMs: due, leftMs };
  const total = due - (msOf(clock.startedAt) ?? nowMs);
  const soon = leftMs < SOON_MS || leftMs < total * SOON_SHARE;
  return { state: soon ? "soon" : "running", dueMs: due, leftMs };
}

/** Picks the running clock that ends first; undefined when none runs. */
export function nearestClock(clocks: readonly Clock[]): Clock | undefined {
  return clocks
    .filter((clock) => !clock.stoppedAt && clock.dueAt)
    .sort((a, b) => (msOf(a.dueAt) ?? 0) - (msOf(b.dueAt) ?? 0))[0];
}

/** The clocks of a case without the one that its voiding cut short: that is no work done in time. */
export function clocksOfCase({ clocks, phase }: Pick<Case, "clocks" | "phase">): Clock[] {
  return phase === CasePhase.VOID ? clocks.slice(0, -1) : clocks;
}

/** The clocks of a summons without those that being excused or a withdrawal cut short: that is no work done in time. */
export function clocksOfSummons({ clocks, phase }: Pick<Summons, "clocks" | "phase">, whistle: WhistlePhase): Clock[] {
  if (phase === SummonsPhase.EXCUSED) return [];
  return whistle === WhistlePhase.WITHDRAWN ? clocks.filter((clock) => REACHED_WITH[clock.kind] <= phase) : clocks;
}

const REACHED_WITH: Record<ClockKind, SummonsPhase> = {
  [ClockKind.UNSPECIFIED]: SummonsPhase.UNSPECIFIED,
  [ClockKind.ACCEPT]: SummonsPhase.UNSPECIFIED,
  [ClockKind.ANSWER]: SummonsPhase.UNSPECIFIED,
  [ClockKind.SIGN_FOR]: SummonsPhase.SIGNED_FOR,
  [ClockKind.MAKE_CONTACT]: SummonsPhase.CONTACTED,
  [ClockKind.REPORT_IN]: SummonsPhase.REPORTED_IN,
  [ClockKind.FINISH]: SummonsPhase.DONE,
};
