// Chooses facts and, where not all of it is needed, the fields of each.
import { Select } from "antd";
import { leaveWithoutChoosing } from "../../actions/FieldInput.tsx";
import { useSpeech } from "../../app/language.tsx";
import { FactSelect } from "../../components/FactSelect.tsx";
import { useFactTitles } from "../../components/FactName.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { useFacts } from "../../rpc/useCatalogue.ts";

export interface ChosenFact {
  fact: string;
  /** Empty for all. */
  fields: string[];
}

interface GrantedFactsInputProps {
  id?: string;
  value?: ChosenFact[];
  onChange?: (value: ChosenFact[]) => void;
}

export function GrantedFactsInput({ id, value = [], onChange }: GrantedFactsInputProps) {
  const choose = (names: string[] | string) => onChange?.([names].flat().map((fact) => value.find((one) => one.fact === fact) ?? { fact, fields: [] }));
  const restrict = (fact: string, fields: string[]) => onChange?.(value.map((one) => (one.fact === fact ? { fact, fields } : one)));
  return (
    <div className="granted-facts">
      <FactSelect {...(id && { id })} mode="multiple" value={value.map((one) => one.fact)} onChange={choose} />
      {value.length > 0 && (
        <ul>
          {value.map((one) => (
            <Restriction key={one.fact} chosen={one} onChange={(fields) => restrict(one.fact, fields)} />
          ))}
        </ul>
      )}
    </div>
  );
}

function Restriction({ chosen, onChange }: { chosen: ChosenFact; onChange: (fields: string[]) => void }) {
  const { t } = useSpeech();
  const title = useFactTitles()(chosen.fact);
  const facts = useFacts([chosen.fact]);
  const options = facts.data?.[0]?.fields.map((field) => ({ value: field.name, label: field.name })) ?? [];
  return (
    <li>
      <span>{title}</span>
      <span onKeyDownCapture={leaveWithoutChoosing}>
        <Select
          mode="multiple"
          allowClear
          value={chosen.fields}
          onChange={onChange}
          options={options}
          loading={facts.loading}
          placeholder={t("grants.allFields")}
          aria-label={t("grants.new.fields", { fact: title })}
        />
      </span>
      {facts.failure && <FailureLine failure={facts.failure} onRetry={facts.reload} />}
    </li>
  );
}
