// The actions that a service offers on a case or a whistle now, as buttons; each opens its form.
import { useSpeech } from "../app/language.tsx";
import { useReference } from "../app/reference.tsx";
import type { Action } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { type Choice, ChoiceBar } from "./ChoiceBar.tsx";
import { specOf, type Target } from "./specs.ts";

interface ActionBarProps {
  actions: readonly Action[];
  caseId: string;
  whistleId: string;
  onDone: () => void;
  /** One choice is what the page is for, in the accent colour: calling the departments where that can be done, else the first. */
  leading?: boolean;
}

export function ActionBar({ actions, caseId, whistleId, onDone, leading = false }: ActionBarProps) {
  const { t } = useSpeech();
  const { departmentName } = useReference();
  const choices = actions.flatMap(({ rpc, departmentCode }): Choice<Target>[] => {
    const spec = specOf(rpc);
    if (!spec) return [];
    const choice = { rpc, spec, target: { caseId, whistleId, departmentCode } };
    if (departmentCode === "") return [choice];
    const title = t("action.for", { action: t(spec.title), department: departmentName(departmentCode) });
    return [{ ...choice, title, testId: `action-${rpc}-${departmentCode}` }];
  });
  const first = leading ? (choices.find((choice) => choice.rpc === "SoundWhistle") ?? choices.find((choice) => !choice.spec.grave)) : undefined;
  return <ChoiceBar choices={choices} onDone={onDone} first={first} />;
}
