// One input of a form, by what the field holds.
import { Input, Radio, Select } from "antd";
import type { KeyboardEvent } from "react";
import { useSpeech } from "../app/language.tsx";
import { useReference } from "../app/reference.tsx";
import { CategorySelect } from "../components/CategorySelect.tsx";
import { DivisionSelect } from "../components/DivisionSelect.tsx";
import { OrganizationSelect } from "../components/OrganizationSelect.tsx";
import { fieldFromMs } from "../format/times.ts";
import { lengthOf } from "./fields.ts";
import type { FieldSpec } from "./specs.ts";
import "./actions.css";

// A form item hands these down; they are declared so that an input can pass them on.
interface Bound {
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
}

export function FieldInput({ field, ...bound }: { field: FieldSpec } & Bound) {
  const { t, language } = useSpeech();
  const { departments } = useReference();
  const { id, onChange } = bound;
  switch (field.kind) {
    case "text":
      return (
        <Input.TextArea
          id={id}
          value={bound.value as string | undefined}
          onChange={(event) => onChange?.(event.target.value)}
          autoSize={{ minRows: field.max > 200 ? 3 : 1, maxRows: 10 }}
          count={{ show: true, max: field.max, strategy: lengthOf }}
        />
      );
    case "choice":
      return (
        <Radio.Group id={id} value={bound.value} onChange={(event) => onChange?.(event.target.value)} className="choices">
          {field.options.map((option) => (
            <Radio key={option.value} value={option.value}>
              {t(option.label)}
              {option.note && <span className="quiet"> · {t(option.note)}</span>}
            </Radio>
          ))}
        </Radio.Group>
      );
    case "departments":
      return (
        <div onKeyDownCapture={leaveWithoutChoosing}>
          <Select
            id={id}
            mode="multiple"
            value={(bound.value as string[] | undefined) ?? []}
            onChange={onChange}
            showSearch={{ optionFilterProp: "label" }}
            options={departments.map((one) => ({ value: one.departmentCode, label: language === "zh" ? one.nameZh : one.nameEn }))}
          />
        </div>
      );
    case "time":
      return (
        <Input
          id={id}
          type="datetime-local"
          value={bound.value as string | undefined}
          min={fieldFromMs(Date.now())}
          max={fieldFromMs(Date.now() + field.withinDays * 86_400_000)}
          onChange={(event) => onChange?.(event.target.value)}
        />
      );
    case "ordinal":
      return (
        <Input
          id={id}
          type="number"
          min={field.min ?? 1}
          max={field.max}
          step={1}
          value={bound.value as string | undefined}
          onChange={(event) => onChange?.(event.target.value)}
        />
      );
    case "area":
      return <DivisionSelect id={id} within={field.within} value={bound.value as string | undefined} onChange={onChange} />;
    case "category":
      return <CategorySelect id={id} value={bound.value as string | undefined} onChange={onChange} />;
    case "digits":
      return <Input id={id} inputMode="numeric" autoComplete="off" value={bound.value as string | undefined} onChange={(event) => onChange?.(event.target.value)} />;
    case "digest":
      return <Input id={id} className="code" autoComplete="off" spellCheck={false} value={bound.value as string | undefined} onChange={(event) => onChange?.(event.target.value)} />;
    case "past":
      return <Input id={id} type="datetime-local" value={bound.value as string | undefined} max={fieldFromMs(Date.now())} onChange={(event) => onChange?.(event.target.value)} />;
    case "day":
      return <DayInput id={id} value={bound.value as string | undefined} onChange={onChange} withinDays={field.withinDays} />;
    case "organization":
      return <OrganizationSelect {...(id && { id })} value={(bound.value as string | undefined) ?? ""} onChange={onChange as (value: string | string[]) => void} without={field.without} />;
    case "references":
      return (
        <Input.TextArea id={id} value={bound.value as string | undefined} onChange={(event) => onChange?.(event.target.value)} autoSize={{ minRows: 2, maxRows: 8 }} />
      );
  }
}

/** A day of the city, from today on. */
export function DayInput({ id, value, onChange, withinDays }: { id?: string | undefined; value?: string | undefined; onChange?: ((value: string) => void) | undefined; withinDays: number }) {
  const day = (ms: number) => fieldFromMs(ms).slice(0, 10);
  // The end of the last day would lie beyond the limit.
  const last = day(Date.now() + (withinDays - 1) * 86_400_000);
  return <Input id={id} type="date" value={value} min={day(Date.now())} max={last} onChange={(event) => onChange?.(event.target.value)} />;
}

/** The list would choose what is marked when Tab is pressed: a department that nobody meant would be called. */
export function leaveWithoutChoosing(event: KeyboardEvent): void {
  if (event.key === "Tab") event.stopPropagation();
}
