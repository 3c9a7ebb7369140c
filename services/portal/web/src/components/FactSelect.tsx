// Chooses facts by title or name; one or several.
import { Select } from "antd";
import { leaveWithoutChoosing } from "../actions/FieldInput.tsx";
import { useSpeech } from "../app/language.tsx";
import { byService } from "../format/facts.ts";
import { knownKey } from "../app/words/index.ts";
import { useCatalogue } from "../rpc/useCatalogue.ts";
import { titleOf } from "./FactName.tsx";

interface FactSelectProps {
  id?: string;
  mode?: "multiple";
  value?: string | string[];
  onChange?: (value: string[] | string) => void;
  /** Only these may be chosen; all where left out. */
  only?: readonly string[] | undefined;
  placeholder?: string;
}

export function FactSelect({ id, mode, value, onChange, only, placeholder }: FactSelectProps) {
  const { t, language } = useSpeech();
  const facts = useCatalogue();
  const offered = (facts.data ?? []).filter((fact) => !only || only.includes(fact.fact));
  const options = byService(offered).map((group) => {
    const word = knownKey(`service.${group.service}`);
    return {
      label: word ? t(word) : group.service,
      title: group.service,
      options: group.facts.map((fact) => ({ value: fact.fact, label: titleOf(fact, language), search: `${fact.fact} ${fact.titleZh} ${fact.titleEn}`.toLowerCase() })),
    };
  });
  return (
    <div onKeyDownCapture={leaveWithoutChoosing}>
      <Select
        {...(id && { id })}
        {...(mode && { mode })}
        value={value}
        onChange={(chosen: string[] | string) => onChange?.(chosen)}
        loading={facts.loading}
        placeholder={placeholder}
        options={options}
        showSearch={{ filterOption: (search, option) => String((option as { search?: string } | undefined)?.search ?? "").includes(search.toLowerCase()) }}
        optionRender={(option) => (
          <span className="fact-option">
            {option.label} <span className="quiet code">{option.value}</span>
          </span>
        )}
      />
    </div>
  );
}
