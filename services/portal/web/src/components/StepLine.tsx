// Steps in one line: what is behind, where it stands, what is ahead.
import type { ReactNode } from "react";
import "../pages/case/case.css";

export interface Step {
  key: string;
  name: string;
  state: "passed" | "here" | "ahead" | "failed";
  note?: ReactNode;
}

export function StepLine({ steps, label, testId }: { steps: readonly Step[]; label: string; testId: string }) {
  return (
    <ol className="ladder stations" style={{ gridTemplateColumns: `repeat(${steps.length}, minmax(0, 1fr))` }} aria-label={label} data-testid={testId} data-station={steps.find((step) => step.state === "here")?.key}>
      {steps.map((step) => (
        <li key={step.key} className={`rung rung-${step.state}`} aria-current={step.state === "here" ? "step" : undefined}>
          <span className="rung-dot" aria-hidden="true" />
          <span className="rung-name">{step.name}</span>
          {step.note && <span className="rung-note">{step.note}</span>}
        </li>
      ))}
    </ol>
  );
}

/** Steps of which one is where it stands: those before it are behind, the others ahead. */
export function stepsAround(steps: readonly Omit<Step, "state">[], here: number): Step[] {
  return steps.map((step, at) => ({ ...step, state: at < here ? "passed" : at === here ? "here" : "ahead" }));
}
