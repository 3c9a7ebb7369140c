// The ordinary tries of a write: while services are exchanged, or others change the same thing, what carries a key is sent again by itself; by its key it is done once.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { failureOf } from "./failure.ts";
import { KEY_HEADER } from "./idempotency.ts";

/** Waits before the second, the third and the fourth try: a pod that goes is replaced at once, a lease within six seconds. */
const WAITS_MS = [300, 1_500, 5_000];

/** Sends again what was not reached or met others, unless it has no key or the caller gave up. */
export const tryAgain = triesAfter(WAITS_MS);

/** The same with other waits. */
export function triesAfter(waitsMs: readonly number[]): Interceptor {
  return (next) => async (request) => {
    if (request.stream || !request.header.has(KEY_HEADER)) return next(request);
    for (const wait of waitsMs) {
      try {
        return await next(request);
      } catch (thrown) {
        if (request.signal.aborted || !mayPass(thrown)) throw thrown;
      }
      await pause(wait, request.signal);
    }
    return next(request);
  };
}

/** True for what another moment may mend. Not where the browser knows that it has no network: whoever waits there should be told. */
function mayPass(thrown: unknown): boolean {
  const { kind, reason } = failureOf(thrown);
  return kind === "unreachable" || (ConnectError.from(thrown).code === Code.Aborted && reason === "CONFLICT");
}

/** Waits, and no longer than the caller does: then the deadline is what is told. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
