// Names of events and facts in words; an event that the pages do not know yet is shown by its own name.
import { knownKey, type Language, say } from "../app/words/index.ts";
import { dayAndMinute } from "./times.ts";

export function eventInWords(name: string, language: Language): string {
  const key = knownKey(`event.${name}`);
  return key ? say(language, key) : name.replaceAll("_", " ");
}

/** What came of an event, in words. Most outcomes are words of their own; of some events they are a number, an instant or codes. */
export function outcomeInWords(event: string, outcome: string, language: Language, departmentName: (code: string) => string): string {
  switch (event) {
    case "case_reopened":
    case "case_closed":
      return say(language, "outcome.round", { n: outcome });
    case "reporter_joined":
    case "contact_erased":
      return say(language, "outcome.reporter", { n: outcome });
    case "suspension_approved":
    case "clocks_suspended":
      return say(language, "outcome.until", { time: dayAndMinute(Date.parse(outcome), language) });
    case "whistle_sounded":
      return outcome.split(" ").map(departmentName).join(language === "zh" ? "、" : ", ");
  }
  const key = knownKey(`outcome.${outcome}`);
  return key ? say(language, key) : outcome.replaceAll("_", " ");
}
