// Names of events and facts in words; an event that the pages do not know yet is shown by its own name.
import { knownKey, type Language, say } from "../app/words/index.ts";

export function eventInWords(name: string, language: Language): string {
  const key = knownKey(`event.${name}`);
  return key ? say(language, key) : name.replaceAll("_", " ");
}

export function outcomeInWords(outcome: string, language: Language): string {
  const key = knownKey(`outcome.${outcome}`);
  return key ? say(language, key) : outcome.replaceAll("_", " ");
}
