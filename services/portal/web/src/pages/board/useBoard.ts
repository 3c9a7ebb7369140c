// Watches a board and says honestly whether what is shown is live. Reconnects by itself with growing pauses.
import { useCallback, useEffect, useState } from "react";
import type { Board } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { reporting } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { tellSignedOut } from "../../rpc/signedOut.ts";

export type Link = "connecting" | "live" | "reconnecting" | "failed";

export interface WatchedBoard {
  board: Board | undefined;
  link: Link;
  failure: Failure | undefined;
  retry: () => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
// The service beats every 15 seconds; two missed beats mean that the line is dead though nobody said so.
const SILENCE_MS = 35_000;

export function useBoard(areaCode: string): WatchedBoard {
  const [shown, setShown] = useState<{ areaCode: string; board: Board | undefined; link: Link; failure: Failure | undefined }>(start(areaCode));
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const stop = new AbortController();
    setShown((old) => (old.areaCode === areaCode ? { ...old, link: "connecting" } : start(areaCode)));
    void watch(areaCode, stop.signal, (change) => setShown((old) => ({ ...old, ...change })));
    return () => stop.abort();
  }, [areaCode, turn]);

  const retry = useCallback(() => setTurn((n) => n + 1), []);
  const current = shown.areaCode === areaCode ? shown : start(areaCode);
  return { board: current.board, link: current.link, failure: current.failure, retry };
}

type Change = { board?: Board; link?: Link; failure?: Failure | undefined };

async function watch(areaCode: string, stop: AbortSignal, tell: (change: Change) => void): Promise<void> {
  let pause = FIRST_PAUSE_MS;
  while (!stop.aborted) {
    const line = new AbortController();
    const hangUp = () => line.abort();
    stop.addEventListener("abort", hangUp);
    let timer = window.setTimeout(hangUp, SILENCE_MS);
    try {
      for await (const { board } of reporting.watchBoard({ areaCode }, { signal: line.signal, timeoutMs: 0 })) {
        window.clearTimeout(timer);
        timer = window.setTimeout(hangUp, SILENCE_MS);
        pause = FIRST_PAUSE_MS;
        tell(board ? { board, link: "live", failure: undefined } : { link: "live", failure: undefined });
      }
      tell({ link: "reconnecting" });
    } catch (thrown) {
      if (stop.aborted) return;
      const failure = failureOf(thrown);
      if (failure.kind === "signed_out") tellSignedOut();
      if (isFinal(failure)) return tell({ link: "failed", failure });
      tell({ link: "reconnecting", failure });
    } finally {
      window.clearTimeout(timer);
      stop.removeEventListener("abort", hangUp);
    }
    await pauseOrOnline(pause, stop);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** Trying again would not change these answers. */
function isFinal(failure: Failure): boolean {
  return failure.kind === "forbidden" || failure.kind === "missing" || failure.kind === "invalid" || failure.kind === "signed_out";
}

/** Waits, but not longer than until the network is back. A little chance keeps many browsers from returning at once. */
function pauseOrOnline(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      window.clearTimeout(timer);
      window.removeEventListener("online", go);
      stop.removeEventListener("abort", go);
      resolve();
    };
    const timer = window.setTimeout(go, ms * (0.75 + Math.random() * 0.5));
    window.addEventListener("online", go);
    stop.addEventListener("abort", go);
  });
}

function start(areaCode: string) {
  return { areaCode, board: undefined, link: "connecting" as Link, failure: undefined };
}
