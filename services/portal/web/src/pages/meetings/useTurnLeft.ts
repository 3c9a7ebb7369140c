// How much of a turn is left, by the clock of the services.
import { useNow } from "../../app/now.ts";
import { msOf } from "../../format/times.ts";
import type { SpeakingTurn } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useMeetingRoom } from "./room.tsx";

export interface TurnLeft {
  /** Whole seconds. */
  left: number;
  /** Of so many. */
  whole: number;
  /** True near the end. */
  soon: boolean;
}

const SOON = 15;

export function useTurnLeft(turn: SpeakingTurn): TurnLeft {
  const { leadMs } = useMeetingRoom();
  const now = useNow() + leadMs();
  const [starts, ends] = [msOf(turn.startedAt) ?? now, msOf(turn.endsAt) ?? now];
  const whole = Math.max(1, Math.round((ends - starts) / 1000));
  const left = Math.max(0, Math.min(whole, Math.ceil((ends - now) / 1000)));
  return { left, whole, soon: left <= SOON };
}
