// Facts of the catalogue as people look for them: by service, by word, by the values that a field may have.
import type { CatalogueFact } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";

/** The service of a fact: `dispatch.whistle_sounded` → `dispatch`. */
export function serviceOf(fact: string): string {
  return fact.split(".")[0] ?? fact;
}

/** True when every word of the search stands in a name, a title or the meaning. */
export function factMatches(fact: CatalogueFact, search: string): boolean {
  const text = [fact.fact, fact.titleZh, fact.titleEn, fact.description].join("\n").toLowerCase();
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return words.every((word) => text.includes(word));
}

/** Facts by service, both in the order in which they come. */
export function byService(facts: readonly CatalogueFact[]): { service: string; facts: CatalogueFact[] }[] {
  const groups = new Map<string, CatalogueFact[]>();
  for (const fact of facts) {
    const service = serviceOf(fact.fact);
    groups.set(service, [...(groups.get(service) ?? []), fact]);
  }
  return [...groups].map(([service, found]) => ({ service, facts: found }));
}

/** Last part of a type's name: `repeated gongzhi.dispatch.v1.Rung` → `repeated Rung`. */
export function shortType(type: string): string {
  return type.replace(/[\w.]*\./, "");
}

/** JSON with line breaks; what is no JSON stays as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The values that a schema allows for its fields, by the fields' names in JSON; fields that are no choice are left out. */
export function choicesOf(dataSchema: string): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  try {
    const schema = JSON.parse(dataSchema) as { properties?: Record<string, Choices & { items?: Choices }> };
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const values = valuesOf(property) ?? valuesOf(property.items);
      if (values) found.set(name, values);
    }
  } catch {
    // A schema that cannot be read tells no choices; the page shows it as it is.
  }
  return found;
}

interface Choices {
  enum?: unknown[];
  anyOf?: { const?: unknown }[];
}

function valuesOf(property: Choices | undefined): string[] | undefined {
  const listed = property?.enum ?? property?.anyOf?.map((one) => one.const);
  const values = listed?.filter((value) => typeof value === "string") ?? [];
  // The default is never published as a value, so nobody filters by it.
  const told = values.filter((value) => !value.endsWith("_UNSPECIFIED"));
  return told.length > 0 ? told : undefined;
}
