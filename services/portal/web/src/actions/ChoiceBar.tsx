// What may be done with a thing, as buttons; each opens its form.
import { Button } from "antd";
import { useRef, useState } from "react";
import { useSpeech } from "../app/language.tsx";
import { ActionForm } from "./ActionForm.tsx";
import type { ActionSpec } from "./specs.ts";
import "./actions.css";

export interface Choice<Target> {
  rpc: string;
  spec: ActionSpec<Target>;
  target: Target;
  /** Heading of the form where the action alone does not say enough. */
  title?: string;
  testId?: string;
}

interface ChoiceBarProps<Target> {
  choices: readonly Choice<Target>[];
  onDone: () => void;
  /** The one that the page is for, in the accent colour. */
  first?: Choice<Target> | undefined;
}

export function ChoiceBar<Target>({ choices, onDone, first }: ChoiceBarProps<Target>) {
  const { t } = useSpeech();
  const [open, setOpen] = useState<Choice<Target>>();
  const opener = useRef<HTMLElement>(null);
  if (choices.length === 0) return null;
  const show = (choice: Choice<Target>, button: HTMLElement) => {
    opener.current = button;
    setOpen(choice);
  };
  const close = () => {
    setOpen(undefined);
    // Back to where the keyboard was, once the form has gone.
    window.setTimeout(() => opener.current?.focus(), 0);
  };
  return (
    <div className="action-bar">
      {choices.map((choice) => {
        const testId = choice.testId ?? `action-${choice.rpc}`;
        return (
          <Button key={testId} type={choice === first ? "primary" : "default"} danger={choice.spec.grave === true} onClick={(event) => show(choice, event.currentTarget)} data-testid={testId}>
            {t(choice.spec.title)}
          </Button>
        );
      })}
      {open && <ActionForm rpc={open.rpc} spec={open.spec} target={open.target} title={open.title ?? t(open.spec.title)} onClose={close} onDone={onDone} />}
    </div>
  );
}
