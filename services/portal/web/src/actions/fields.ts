// Fields of forms: the limits of the contract as rules, and where a violation of the service belongs.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { FormRule } from "antd";
import type { Language } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { within } from "../format/areas.ts";
import { partsOf } from "../format/organizations.ts";
import { endOfDay, msOf, timestampFromField } from "../format/times.ts";
import type { Failure } from "../rpc/failure.ts";
import { type FieldSpec, linesOf } from "./specs.ts";

/** Counts characters as people do, so that a rare Chinese character is one. */
export function lengthOf(value: unknown): number {
  return [...String(value ?? "").trim()].length;
}

/** The rules of a field; each gives its message in the language of the page. */
export function rulesOf(field: FieldSpec, language: Language): FormRule[] {
  const check = (fits: (value: unknown) => boolean, message: string): FormRule[] => [
    { required: field.kind !== "references" && !("optional" in field), validator: (_, value) => (fits(value) ? Promise.resolve() : Promise.reject(new Error(message))) },
  ];
  switch (field.kind) {
    case "text":
      return check(
        (value) => lengthOf(value) >= field.min && lengthOf(value) <= field.max,
        say(language, "need.text", { min: field.min, max: field.max }),
      );
    case "choice":
      return check((value) => field.options.some((option) => option.value === value), say(language, "need.choice"));
    case "departments":
      return check((value) => Array.isArray(value) && value.length >= 1 && value.length <= field.max, say(language, "need.departments", { max: field.max }));
    case "time":
      return check((value) => isWithinDays(timestampFromField(String(value ?? "")), field.withinDays), say(language, "need.time", { days: field.withinDays }));
    case "past":
      return check((value) => (msOf(timestampFromField(String(value ?? ""))) ?? Number.POSITIVE_INFINITY) <= Date.now(), say(language, "need.timePast"));
    case "day":
      return check(
        (value) => (field.optional === true && !value) || isWithinDays(endOfDay(String(value ?? "")), field.withinDays),
        say(language, "need.time", { days: field.withinDays }),
      );
    case "organization":
      return check((value) => partsOf(String(value ?? "")) !== undefined, say(language, "need.organization"));
    case "area":
      return check((value) => within(String(value ?? ""), field.within), say(language, "need.area"));
    case "category":
      return check((value) => Boolean(value), say(language, "need.category"));
    case "digits":
      return check((value) => /^\d+$/.test(String(value ?? "").trim()) && lengthOf(value) <= field.max, say(language, "need.digits", { max: field.max }));
    case "digest":
      return check((value) => /^[0-9a-f]{64}$/i.test(String(value ?? "").trim()), say(language, "need.digest"));
    case "ordinal":
      return check(
        (value) => /^[1-9]\d*$/.test(String(value ?? "").trim()) && Number(value) <= field.max && Number(value) >= (field.min ?? 1),
        field.min === undefined ? say(language, "need.ordinal", { max: field.max }) : say(language, "need.within", { min: field.min, max: field.max }),
      );
    case "references":
      return check(
        (value) => linesOf(value).length <= field.max && linesOf(value).every((line) => lengthOf(line) <= field.length),
        say(language, "need.references", { max: field.max, length: field.length }),
      );
  }
}

export interface FieldProblem {
  name: string;
  errors: string[];
}

/** Sorts violations to the fields of a form; those of no field are left over for the head of the form. */
export function problemsOf(failure: Failure, names: readonly string[]): { fields: FieldProblem[]; rest: string[] } {
  const fields = new Map<string, string[]>();
  const rest: string[] = [];
  for (const { field, description } of failure.violations) {
    // Where it is itself a field of the form, else what it is part of, else its last word.
    const candidates = [field, field.split(/[.[]/)[0] ?? "", field.split(".").at(-1)?.replace(/\[\d+\]$/, "") ?? ""].map(camelOf);
    const name = candidates.find((candidate) => names.includes(candidate));
    if (name) fields.set(name, [...(fields.get(name) ?? []), description]);
    else rest.push(field ? `${field}: ${description}` : description);
  }
  return { fields: [...fields].map(([name, errors]) => ({ name, errors })), rest };
}

function camelOf(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function isWithinDays(at: Timestamp | undefined, days: number): boolean {
  const ms = msOf(at);
  return ms !== undefined && ms > Date.now() && ms <= Date.now() + days * 86_400_000;
}
