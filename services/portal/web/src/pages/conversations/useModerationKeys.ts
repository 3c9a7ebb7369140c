// The keys of moderation: up and down choose a statement, A accepts it, R and a number turn it down, Esc gives that up.
import { useState } from "react";
import { useKeys } from "../../app/useKeys.ts";
import { REJECTIONS } from "../../format/opinions.ts";
import { RejectionReason, type Statement, StatementStatus } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import type { OnVerdict } from "./useModeration.ts";

interface Keys {
  shown: readonly Statement[];
  /** Place of the statement that keys are about. */
  at: number;
  onMove: (at: number) => void;
  onVerdict: OnVerdict;
}

export function useModerationKeys({ shown, at, onMove, onVerdict }: Keys) {
  const [rejecting, setRejecting] = useState<number>();
  useKeys((event) => {
    const statement = shown[at];
    if (!statement) return;
    const reason = rejecting === statement.number ? REJECTIONS[Number(event.key) - 1] : undefined;
    if (reason !== undefined) {
      setRejecting(undefined);
      void onVerdict(statement, reason);
      return;
    }
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp": {
        event.preventDefault();
        const next = Math.max(0, Math.min(shown.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
        setRejecting(undefined);
        onMove(next);
        document.querySelector(`[data-testid="statement-${shown[next]?.number}"]`)?.scrollIntoView({ block: "nearest" });
        return;
      }
      case "a":
      case "A":
        setRejecting(undefined);
        if (statement.status !== StatementStatus.ACCEPTED) void onVerdict(statement, RejectionReason.UNSPECIFIED);
        return;
      case "r":
      case "R":
        setRejecting(statement.number);
        return;
      case "Escape":
        setRejecting(undefined);
        return;
    }
  });
  return { rejecting, setRejecting };
}
