// What a clock says now. Pure: the instant comes from outside, the law of the clock stays in the service.
import type { Clock, Suspension } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
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
