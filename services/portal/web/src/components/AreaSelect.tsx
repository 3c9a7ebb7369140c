// Chooses areas by name or code. One that the post does not list can be entered by its code.
import { Select } from "antd";
import { useState } from "react";
import { leaveWithoutChoosing } from "../actions/FieldInput.tsx";
import { useSpeech } from "../app/language.tsx";
import { useReference } from "../app/reference.tsx";
import { usePerson } from "../app/session.tsx";
import { levelOf } from "../format/areas.ts";

interface AreaSelectProps {
  id?: string;
  mode?: "multiple";
  value?: string | string[];
  onChange?: (value: string | string[]) => void;
  placeholder?: string;
}

export function AreaSelect({ id, mode, value, onChange, placeholder }: AreaSelectProps) {
  const { divisions, areaName } = useReference();
  const { permits } = usePerson();
  const { t } = useSpeech();
  const [typed, setTyped] = useState("");
  const chosen = typeof value === "string" ? [value] : (value ?? []);
  const entered = levelOf(typed) && typed.startsWith(permits.district()) ? [typed] : [];
  const codes = [...new Set([permits.district(), ...chosen, ...entered, ...divisions.keys()])].filter(Boolean).sort();
  const name = (code: string) => {
    const level = levelOf(code);
    return divisions.has(code) || !level ? areaName(code) : `${t(`level.${level}`)} ${code}`;
  };
  const options = codes.map((code) => ({ value: code, label: name(code), search: `${name(code)} ${code}` }));
  return (
    <div onKeyDownCapture={leaveWithoutChoosing}>
      <Select
        {...(id && { id })}
        {...(mode && { mode })}
        value={value}
        onChange={(picked: string | string[]) => onChange?.(picked)}
        options={options}
        placeholder={placeholder}
        showSearch={{
          onSearch: (text) => setTyped(text.trim()),
          filterOption: (search, option) => String((option as { search?: string } | undefined)?.search ?? "").includes(search.trim()),
        }}
        optionRender={(option) => (
          <span>
            {option.label} {divisions.has(String(option.value)) && <span className="quiet code">{option.value}</span>}
          </span>
        )}
      />
    </div>
  );
}
