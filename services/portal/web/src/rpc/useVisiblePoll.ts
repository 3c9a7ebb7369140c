// Calls again and again while the page is visible and the browser online; one call at a time.
import { useEffect, useRef } from "react";

/** Polls every `everyMs`; pauses while the tab is hidden and asks at once when it is shown again. */
export function useVisiblePoll(active: boolean, everyMs: number, poll: (signal: AbortSignal) => Promise<void>): void {
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
      } catch {
        // A missed poll is shown by nothing: the next one follows, and a read by the person reports its own failure.
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
}
