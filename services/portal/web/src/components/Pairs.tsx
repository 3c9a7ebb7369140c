// Names and values in pairs, as many beside each other as fit.
import type { ReactNode } from "react";

export function Pairs({ children }: { children: ReactNode }) {
  return <dl className="pairs">{children}</dl>;
}

export function Pair({ name, children, width = "one", testId }: { name: string; children: ReactNode; width?: "one" | "two" | "all"; testId?: string }) {
  return (
    <div className={`pair pair-${width}`} data-testid={testId}>
      <dt className="quiet">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
