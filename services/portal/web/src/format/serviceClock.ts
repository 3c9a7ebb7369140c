// How far the clock of the services is from that of this device, as far as what they said tells. A tablet whose clock is wrong must not cut anybody short.
import type { Meeting } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { msOf } from "./times.ts";

/** A turn that has run out may still be shown for so long. */
const SLACK_MS = 5_000;

/** The lead of the services' clock in milliseconds: as it was believed to be, unless what they have just said makes that impossible. */
export function leadOf(meeting: Pick<Meeting, "openedAt" | "turn" | "queue" | "decided" | "rulings" | "closedAt">, nowMs: number, believed: number): number {
  const past = [meeting.openedAt, meeting.closedAt, meeting.turn?.startedAt, ...meeting.queue.map((hand) => hand.raisedAt), ...meeting.decided.map((one) => one.decidedAt), ...meeting.rulings.map((one) => one.ruledAt)];
  const latest = Math.max(...past.map((at) => msOf(at) ?? Number.NEGATIVE_INFINITY));
  const endsMs = msOf(meeting.turn?.endsAt);
  // What has happened lies in their past; a turn that goes on ends in their future.
  const [least, most] = [latest - nowMs, endsMs === undefined ? Number.POSITIVE_INFINITY : endsMs - nowMs + SLACK_MS];
  return Math.max(least, Math.min(most, believed));
}
