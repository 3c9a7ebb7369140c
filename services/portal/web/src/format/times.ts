// Instants as people in the city read them: always Asia/Shanghai, wherever the browser is.
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { timestampFromMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Language } from "../app/words/index.ts";

export const CITY_ZONE = "Asia/Shanghai";
const CITY_OFFSET = "+08:00";

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    const locale = language === "zh" ? "zh-CN" : "en-GB";
    found = new Intl.DateTimeFormat(locale, { timeZone: CITY_ZONE, hourCycle: "h23", ...options });
    formats.set(key, found);
  }
  return found;
}

/** Reads the milliseconds of a timestamp; undefined where it is absent. */
export function msOf(at: Timestamp | undefined): number | undefined {
  return at ? timestampMs(at) : undefined;
}

/** Day and minute: `11月23日 14:05`, `23 Nov, 14:05`; with the year where it is not this one. */
export function dayAndMinute(ms: number, language: Language, now = Date.now()): string {
  const year = format(language, { year: "numeric" });
  const sameYear = year.format(ms) === year.format(now);
  const options: Intl.DateTimeFormatOptions = { month: language === "zh" ? "long" : "short", day: "numeric", hour: "2-digit", minute: "2-digit" };
  return format(language, sameYear ? options : { ...options, year: "numeric" }).format(ms);
}

/** Minute of the day: `14:05`. */
export function minuteOfDay(ms: number, language: Language): string {
  return format(language, { hour: "2-digit", minute: "2-digit" }).format(ms);
}

/** Second of the day: `14:05:09`. */
export function secondOfDay(ms: number, language: Language): string {
  return format(language, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(ms);
}

/** When it happened, as short as it can be: the second of today, `11-22 22:26` of another day of the city. */
export function lately(ms: number, language: Language, now = Date.now()): string {
  const [then, today] = [fieldFromMs(ms), fieldFromMs(now)];
  if (then.slice(0, 10) === today.slice(0, 10)) return secondOfDay(ms, language);
  const from = then.slice(0, 4) === today.slice(0, 4) ? 5 : 0;
  return then.slice(from).replace("T", " ");
}

/** The whole day in words, as a heading of a timeline. */
export function dayInWords(ms: number, language: Language): string {
  return format(language, { year: "numeric", month: "long", day: "numeric", weekday: "short" }).format(ms);
}

/** Turns the value of a `datetime-local` field, meant in the city's time, into a timestamp. */
export function timestampFromField(value: string): Timestamp | undefined {
  const ms = Date.parse(`${value}:00${CITY_OFFSET}`);
  return Number.isNaN(ms) ? undefined : timestampFromMs(ms);
}

/** Turns the value of a `date` field into the last minute of that day in the city. */
export function endOfDay(value: string): Timestamp | undefined {
  return timestampFromField(`${value}T23:59`);
}

/** Turns an instant into the value of a `datetime-local` field in the city's time. */
export function fieldFromMs(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 16);
}
