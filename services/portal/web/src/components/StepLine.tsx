// Steps that something goes through, in one line: those that it has passed, the one where it is, those ahead.
import "../pages/case/case.css";
import "../pages/topics/topics.css";

interface StepLineProps {
  label: string;
  steps: readonly { key: string; name: string; note?: string | undefined }[];
  here: number;
  testId: string;
}

export function StepLine({ label, steps, here, testId }: StepLineProps) {
  return (
    <ol className="ladder stations" aria-label={label} data-testid={testId} data-station={steps[here]?.key}>
      {steps.map((step, index) => {
        const state = index < here ? "passed" : index === here ? "here" : "ahead";
        return (
          <li key={step.key} className={`rung rung-${state}`} aria-current={state === "here" ? "step" : undefined}>
            <span className="rung-dot" aria-hidden="true" />
            <span className="rung-name">{step.name}</span>
            {step.note && <span className="rung-note">{step.note}</span>}
          </li>
        );
      })}
    </ol>
  );
}
