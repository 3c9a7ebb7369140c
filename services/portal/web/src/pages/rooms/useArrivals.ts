// Counts what comes to a list at its newer edge while that edge is not on the screen, and leads there.
import { type RefObject, useEffect, useRef, useState } from "react";

interface Arrivals {
  /** Stands at the newer edge of the list. */
  edge: RefObject<HTMLDivElement | null>;
  arrived: number;
  goThere: () => void;
}

/** `follows` where the list grows at its end: a reader who is there stays there. */
export function useArrivals(keys: readonly string[], isRead: boolean, follows: boolean): Arrivals {
  const edge = useRef<HTMLDivElement>(null);
  const seen = useRef<Set<string>>(undefined);
  const [isThere, setThere] = useState(true);
  const [arrived, setArrived] = useState(0);
  const list = keys.join(" ");

  useEffect(() => {
    if (!edge.current) return;
    const watch = new IntersectionObserver((changes) => setThere(changes.at(-1)?.isIntersecting ?? true));
    watch.observe(edge.current);
    return () => watch.disconnect();
  }, [follows]);

  useEffect(() => {
    if (!isRead) return;
    const now = list === "" ? [] : list.split(" ");
    const isFirst = seen.current === undefined;
    seen.current ??= new Set(now);
    const fresh = now.filter((key) => !seen.current?.has(key));
    if (isFirst || isThere) {
      for (const key of fresh) seen.current.add(key);
      setArrived(0);
      if (fresh.length > 0 && follows) edge.current?.scrollIntoView({ block: "nearest" });
    } else {
      setArrived(fresh.length);
    }
  }, [list, isRead, isThere, follows]);

  const goThere = () => edge.current?.scrollIntoView({ block: "center", behavior: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  return { edge, arrived, goThere };
}
