// The actions a person may take now, as buttons; each opens its form.
import { Button } from "antd";
import { useState } from "react";
import { useSpeech } from "../app/language.tsx";
import type { Action } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { ActionForm } from "./ActionForm.tsx";
import { type ActionSpec, specOf, type Target } from "./specs.ts";

interface ActionBarProps {
  actions: readonly Action[];
  caseId: string;
  whistleId: string;
  onDone: () => void;
  /** One choice is what the page is for, in the accent colour: calling the departments where that can be done, else the first. */
  leading?: boolean;
}

interface Choice {
  rpc: string;
  spec: ActionSpec;
  target: Target;
}

export function ActionBar({ actions, caseId, whistleId, onDone, leading = false }: ActionBarProps) {
  const { t } = useSpeech();
  const [open, setOpen] = useState<Choice>();
  const choices = actions.flatMap(({ rpc, departmentCode }): Choice[] => {
    const spec = specOf(rpc);
    return spec ? [{ rpc, spec, target: { caseId, whistleId, departmentCode } }] : [];
  });
  if (choices.length === 0) return null;
  const first = leading ? (choices.find((choice) => choice.rpc === "SoundWhistle") ?? choices.find((choice) => !choice.spec.grave)) : undefined;
  return (
    <div className="action-bar">
      {choices.map((choice) => (
        <Button
          key={choice.rpc + choice.target.departmentCode}
          type={choice === first ? "primary" : "default"}
          danger={choice.spec.grave === true}
          onClick={() => setOpen(choice)}
          data-testid={`action-${choice.rpc}${choice.target.departmentCode && `-${choice.target.departmentCode}`}`}
        >
          {t(choice.spec.title)}
        </Button>
      ))}
      {open && <ActionForm rpc={open.rpc} spec={open.spec} target={open.target} onClose={() => setOpen(undefined)} onDone={onDone} />}
    </div>
  );
}
