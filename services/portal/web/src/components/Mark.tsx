// A small word with a tone: a phase, a mark of lateness. The tone never stands alone, the word says it too.
import type { ReactNode } from "react";
import type { Tone } from "../format/vocabulary.ts";

export function Mark({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  return (
    <span className={`mark mark-${tone}`} title={title}>
      {children}
    </span>
  );
}
