// Chooses organizations: departments, and areas with an office. An area that the post does not list can be entered by its code.
import { Select } from "antd";
import { useState } from "react";
import { leaveWithoutChoosing } from "../actions/FieldInput.tsx";
import { useSpeech } from "../app/language.tsx";
import { useReference } from "../app/reference.tsx";
import { usePerson } from "../app/session.tsx";
import { hasOffice, levelOf, trailOf } from "../format/areas.ts";
import { partsOf } from "../format/organizations.ts";

interface OrganizationSelectProps {
  id?: string;
  mode?: "multiple";
  value?: string | string[];
  onChange?: (value: string | string[]) => void;
  /** These are not offered. */
  without?: readonly string[];
}

export function OrganizationSelect({ id, mode, value, onChange, without = [] }: OrganizationSelectProps) {
  const { t } = useSpeech();
  const { departments } = useReference();
  const name = useNames();
  const [typed, setTyped] = useState("");
  const areas = useOffices(typed);
  const chosen = typeof value === "string" ? [value] : (value ?? []);
  const optionsOf = (keys: readonly string[]) =>
    [...new Set(keys)].filter((key) => !without.includes(key)).map((key) => ({ value: key, label: name(key), search: `${name(key)} ${codeOf(key)}`.toLowerCase() }));
  const options = [
    { label: t("organization.departments"), title: "departments", options: optionsOf([...chosen.filter((key) => key.startsWith("department/")), ...departments.map((one) => `department/${one.departmentCode}`)]) },
    { label: t("organization.areas"), title: "areas", options: optionsOf([...chosen.filter((key) => key.startsWith("area/")), ...areas]) },
  ].filter((group) => group.options.length > 0);
  return (
    <div onKeyDownCapture={leaveWithoutChoosing}>
      <Select
        {...(id && { id })}
        {...(mode && { mode })}
        value={value || undefined}
        onChange={(picked: string | string[]) => onChange?.(picked)}
        options={options}
        showSearch={{
          onSearch: (text) => setTyped(text.trim()),
          filterOption: (search, option) => String((option as { search?: string } | undefined)?.search ?? "").includes(search.trim().toLowerCase()),
        }}
        optionRender={(option) => (
          <span>
            {option.label} {!String(option.label).endsWith(codeOf(option.value)) && <span className="quiet code">{codeOf(option.value)}</span>}
          </span>
        )}
      />
    </div>
  );
}

/** Areas with an office: those that the post lists, those around it, and the one whose code was typed. */
function useOffices(typed: string): string[] {
  const { divisions } = useReference();
  const { permits } = usePerson();
  const around = trailOf(permits.home());
  const entered = typed.startsWith(permits.district()) ? [typed] : [];
  const codes = [...around, ...[...divisions.keys()].sort(), ...entered];
  return [...new Set(codes)].filter(hasOffice).map((code) => `area/${code}`);
}

/** Names of organizations; of an area that the post does not list its level and code. */
function useNames(): (key: string) => string {
  const { t } = useSpeech();
  const { divisions, organizationName } = useReference();
  return (key) => {
    const parts = partsOf(key);
    const level = parts?.kind === "area" && !divisions.has(parts.code) ? levelOf(parts.code) : undefined;
    return level ? `${t(`level.${level}`)} ${parts?.code}` : organizationName(key);
  };
}

function codeOf(key: unknown): string {
  return partsOf(String(key))?.code ?? "";
}
