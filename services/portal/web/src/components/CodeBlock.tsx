// A text for machines: scrolls in itself, also by keyboard, and can be copied.
import type { ReactNode } from "react";
import { CopyButton } from "./CopyButton.tsx";
import { Panel } from "./Panel.tsx";

export function CodeBlock({ text, label }: { text: string; label: string }) {
  return (
    <pre className="code-block" tabIndex={0} role="region" aria-label={label}>
      <code>{text}</code>
    </pre>
  );
}

/** A panel that holds such a text, closed until somebody wants to see it unless it says otherwise. */
export function CodePanel({ title, text, aside, open = false, testId }: { title: string; text: string; aside?: ReactNode; open?: boolean; testId?: string }) {
  if (open) {
    return (
      <Panel title={title} aside={<CopyButton text={text} of={title} />} testId={testId ?? ""}>
        <CodeBlock text={text} label={title} />
      </Panel>
    );
  }
  return (
    <details className="panel code-panel" data-testid={testId}>
      <summary className="panel-head">
        <h2>{title}</h2>
      </summary>
      <div className="panel-body stack">
        <div className="row code-tools">
          {aside}
          <CopyButton text={text} of={title} />
        </div>
        <CodeBlock text={text} label={title} />
      </div>
    </details>
  );
}
