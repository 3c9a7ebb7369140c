// What is said with one slip, while the page is open: the statements that wait for a judgement, what was judged, and how many own statements may still be made.
import { useRef, useState } from "react";
import { BATCH } from "../../format/opinions.ts";
import type { Judgement, Statement } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { publicConversations } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";

// A map may have to be drawn first to tell what comes next.
const PATIENT = { timeoutMs: 30_000 };

export interface Said {
  number: number;
  judgement: Judgement;
  /** Undefined for one that is not shown any more. */
  statement: Statement | undefined;
}

/** A slip as it is when the page begins. */
export interface Slip {
  code: string;
  said: Said[];
  ownLeft: number;
  waiting: Statement[];
}

export interface Saying {
  /** What is to be judged now; undefined when nothing is. */
  current: Statement | undefined;
  left: number;
  mayBeMore: boolean;
  /** What was judged, last first. */
  said: readonly Said[];
  ownLeft: number;
  busy: boolean;
  failure: Failure | undefined;
  judge: (statement: Statement, judgement: Judgement) => Promise<void>;
  lookAgain: () => Promise<void>;
  noteMade: () => void;
}

/** Reads what a slip has said and what it may judge next; fails for a code that is none. */
export async function readSlip(conversationId: string, code: string, goesOn: boolean): Promise<Slip> {
  const mine = await publicConversations.getMyJudgements({ conversationId, code });
  const waiting = goesOn ? (await publicConversations.nextStatements({ conversationId, code }, PATIENT)).statements : [];
  return { code, said: mine.judgements.map(({ number, judgement, statement }) => ({ number, judgement, statement })), ownLeft: mine.statementsLeft, waiting };
}

export function useSlip(conversationId: string, { code, said: before, ownLeft: ownLeftBefore, waiting: first }: Slip): Saying {
  const [waiting, setWaiting] = useState(first);
  const [mayBeMore, setMayBeMore] = useState(first.length === BATCH);
  const [said, setSaid] = useState(before);
  const [ownLeft, setOwnLeft] = useState(ownLeftBefore);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());
  // Two presses of a key come faster than a page is drawn anew.
  const sending = useRef(false);

  const lookAgain = async () => {
    const { statements } = await publicConversations.nextStatements({ conversationId, code }, PATIENT);
    setWaiting(statements);
    setMayBeMore(statements.length === BATCH);
  };
  const judge = async (statement: Statement, judgement: Judgement) => {
    const { number } = statement;
    const wanted = { conversationId, code, number, judgement };
    const answer = await publicConversations.judgeStatement(wanted, idempotent(intents.current.keyFor(wanted)));
    intents.current.done();
    setSaid((old) => {
      const entry = { number, judgement: answer.judgement, statement };
      return old.some((one) => one.number === number && one.statement) ? old.map((one) => (one.number === number ? entry : one)) : [entry, ...old.filter((one) => one.number !== number)];
    });
    await pass(number);
  };
  /** Goes on to the next statement, and fetches more behind the last one. */
  const pass = async (number: number) => {
    if (!waiting.some((one) => one.number === number)) return;
    const rest = waiting.filter((one) => one.number !== number);
    if (rest.length === 0 && mayBeMore) await lookAgain();
    else setWaiting(rest);
  };
  const alone = async (work: () => Promise<void>) => {
    if (sending.current) return;
    sending.current = true;
    setBusy(true);
    setFailure(undefined);
    try {
      await work();
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      sending.current = false;
      setBusy(false);
    }
  };
  const judgeOrPass = async (statement: Statement, judgement: Judgement) => {
    try {
      await judge(statement, judgement);
    } catch (thrown) {
      // It was turned down meanwhile: nobody is kept waiting before it.
      if (failureOf(thrown).reason === "NO_SUCH_STATEMENT") await pass(statement.number);
      throw thrown;
    }
  };
  return {
    current: waiting[0],
    left: waiting.length,
    mayBeMore,
    said,
    ownLeft,
    busy,
    failure,
    judge: (statement, judgement) => alone(() => judgeOrPass(statement, judgement)),
    lookAgain: () => alone(lookAgain),
    noteMade: () => setOwnLeft((old) => Math.max(0, old - 1)),
  };
}
