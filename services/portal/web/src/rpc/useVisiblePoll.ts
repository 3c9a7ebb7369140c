// Calls again and again while the page is visible; one call at a time. Tells when what is shown may have grown old.
import { useEffect, useRef, useState } from "react";
import { type Failure, failureOf, wasCanceled } from "./failure.ts";

/** Polls every `everyMs`, not while the tab is hidden, at once when it is shown again. Returns why the last poll failed, if it did. */
export function useVisiblePoll(active: boolean, everyMs: number, poll: (signal: AbortSignal) => Promise<void>): Failure | undefined {
  const [failure, setFailure] = useState<Failure>();
  const latest = useRef(poll);
  latest.current = poll;

  useEffect(() => {
    if (!active) return;
    const stop = new AbortController();
    let timer: number | undefined;
    let busy = false;

    const turn = async () => {
      window.clearTimeout(timer);
      if (busy || stop.signal.aborted || document.hidden) return;
      busy = true;
      try {
        await latest.current(stop.signal);
        if (!stop.signal.aborted) setFailure(undefined);
      } catch (thrown) {
        if (!stop.signal.aborted && !wasCanceled(thrown)) setFailure(failureOf(thrown));
      } finally {
        busy = false;
        if (!stop.signal.aborted) timer = window.setTimeout(turn, everyMs);
      }
    };
    const onShown = () => void turn();
    document.addEventListener("visibilitychange", onShown);
    timer = window.setTimeout(turn, everyMs);
    return () => {
      stop.abort();
      window.clearTimeout(timer);
      document.removeEventListener("visibilitychange", onShown);
    };
  }, [active, everyMs]);

  return active ? failure : undefined;
}
