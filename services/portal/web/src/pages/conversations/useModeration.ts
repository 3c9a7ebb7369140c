// Verdicts on statements: what was decided shows at once, and what no longer stands under the chosen filter goes.
import { useEffect, useRef, useState } from "react";
import { ModerationVerdict, RejectionReason, type Statement, StatementStatus } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { conversations } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";

export type OnVerdict = (statement: Statement, rejection: RejectionReason) => Promise<void>;

export function useModeration(conversationId: string, rows: readonly Statement[], status: StatementStatus, onRunningOut: (() => void) | undefined) {
  const [changed, setChanged] = useState<ReadonlyMap<number, Statement>>(new Map());
  const [last, setLast] = useState<Statement>();
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());
  const sending = useRef(false);
  const shown = rows.map((row) => changed.get(row.number) ?? row).filter((row) => status === StatementStatus.UNSPECIFIED || row.status === status);
  const ranOut = shown.length === 0 && rows.length > 0;
  // All of the pages that were read are done; more wait behind them.
  useEffect(() => {
    if (ranOut) onRunningOut?.();
  }, [ranOut, onRunningOut]);

  /** Accepts where no reason is given, rejects for it otherwise. */
  const moderate: OnVerdict = async ({ number }, rejectionReason) => {
    if (sending.current) return;
    sending.current = true;
    setFailure(undefined);
    const verdict = rejectionReason === RejectionReason.UNSPECIFIED ? ModerationVerdict.ACCEPT : ModerationVerdict.REJECT;
    const wanted = { conversationId, number, verdict, rejectionReason };
    try {
      const { statement } = await conversations.moderateStatement(wanted, idempotent(intents.current.keyFor(wanted)));
      intents.current.done();
      if (!statement) return;
      setChanged((old) => new Map(old).set(number, statement));
      setLast(statement);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      sending.current = false;
    }
  };
  return { shown, last, failure, moderate };
}
