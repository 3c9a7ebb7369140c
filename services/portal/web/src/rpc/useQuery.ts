// One reading of one thing: loading, data, failure, and a way to read again. Keeps the last data while it reads again.
import { useCallback, useEffect, useRef, useState } from "react";
import { type Failure, failureOf, wasCanceled } from "./failure.ts";

export interface Query<T> {
  data: T | undefined;
  failure: Failure | undefined;
  loading: boolean;
  reload: () => void;
  /** Puts in what a write answered, without asking again. */
  replace: (data: T) => void;
}

interface State<T> {
  key: string | undefined;
  data: T | undefined;
  failure: Failure | undefined;
  loading: boolean;
}

/** Reads when the key changes; an undefined key reads nothing. */
export function useQuery<T>(key: string | undefined, read: (signal: AbortSignal) => Promise<T>): Query<T> {
  const [state, setState] = useState<State<T>>({ key, data: undefined, failure: undefined, loading: key !== undefined });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;

  useEffect(() => {
    if (key === undefined) return;
    const stop = new AbortController();
    setState((old) => ({ key, data: old.key === key ? old.data : undefined, failure: undefined, loading: true }));
    latest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ key, data, failure: undefined, loading: false }),
      (thrown) => {
        if (stop.signal.aborted || wasCanceled(thrown)) return;
        setState((old) => ({ ...old, failure: failureOf(thrown), loading: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn]);

  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const replace = useCallback((data: T) => setState((old) => ({ ...old, data, failure: undefined, loading: false })), []);
  const current = state.key === key ? state : { data: undefined, failure: undefined, loading: key !== undefined };
  return { data: current.data, failure: current.failure, loading: current.loading, reload, replace };
}
