// Chooses an area within another one, down to the building, by name or code.
import { Select } from "antd";
import { useState } from "react";
import { useSpeech } from "../app/language.tsx";
import { listDivisions, useReference } from "../app/reference.tsx";
import { levelOf, within as liesWithin } from "../format/areas.ts";
import { DivisionLevel } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { useQuery } from "../rpc/useQuery.ts";

interface DivisionSelectProps {
  id?: string | undefined;
  within: string;
  value?: string | undefined;
  onChange?: ((value: string) => void) | undefined;
}

export function DivisionSelect({ id, within, value, onChange }: DivisionSelectProps) {
  const { t } = useSpeech();
  const { areaName } = useReference();
  const [typed, setTyped] = useState("");
  const list = useQuery(`divisions:${within}`, (signal) => listDivisions(within, DivisionLevel.BUILDING, signal));
  const names = new Map((list.data ?? []).map((one) => [one.areaCode, one.name]));
  const entered = levelOf(typed) && liesWithin(typed, within) ? [typed] : [];
  const codes = [...new Set([within, ...(value ? [value] : []), ...entered, ...names.keys()])].sort();
  const named = (code: string) => {
    const own = names.get(code) ?? areaName(code);
    const estate = code.length > 15 ? names.get(code.slice(0, 15)) : undefined;
    const level = levelOf(code);
    if (own === code && level) return `${t(`level.${level}`)} ${code}`;
    return estate && !own.startsWith(estate) ? `${estate} ${own}` : own;
  };
  return (
    <Select
      {...(id && { id })}
      value={value}
      loading={list.loading}
      onChange={(picked: string) => onChange?.(picked)}
      options={codes.map((code) => ({ value: code, label: named(code), search: `${named(code)} ${code}` }))}
      showSearch={{
        onSearch: (text) => setTyped(text.trim()),
        filterOption: (search, option) => String((option as { search?: string } | undefined)?.search ?? "").includes(search.trim()),
      }}
    />
  );
}
