// A count that is marked for a moment when it changes, so that a live page shows where it moved.
import { useEffect, useRef, useState } from "react";

export function FlashNumber({ value, testId }: { value: bigint | number; testId?: string }) {
  const shown = value.toString();
  const before = useRef(shown);
  const [changes, setChanges] = useState(0);

  useEffect(() => {
    if (before.current !== shown) {
      before.current = shown;
      setChanges((n) => n + 1);
    }
  }, [shown]);

  return (
    <span key={changes} className={changes > 0 ? "number flash" : "number"} data-testid={testId}>
      {shown}
    </span>
  );
}
