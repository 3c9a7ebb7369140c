// How anybody does by hand what a public page has done, step by step.
import { Panel } from "../../components/Panel.tsx";

export function HowTo({ title, steps }: { title: string; steps: readonly string[] }) {
  return (
    <Panel title={title}>
      <ol className="how">
        {steps.map((step) => (
          <li key={step}>
            <span>{step}</span>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
