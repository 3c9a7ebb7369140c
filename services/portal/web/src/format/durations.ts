// Lengths of time in words. Knows no clock: the caller says how long.
import type { Language } from "../app/words/index.ts";

const UNITS = [
  { ms: 86_400_000, zh: "天", en: "d" },
  { ms: 3_600_000, zh: "小时", en: "h" },
  { ms: 60_000, zh: "分", en: "min" },
  { ms: 1_000, zh: "秒", en: "s" },
] as const;

/** Tells a length of time by its two largest units, rounded down; seconds only under one minute. */
export function durationInWords(ms: number, language: Language): string {
  const length = Math.max(0, Math.abs(ms));
  const first = UNITS.findIndex((unit) => length >= unit.ms);
  if (first === -1) return language === "zh" ? "不到1秒" : "under 1 s";
  const largest = UNITS[first]!;
  const count = Math.floor(length / largest.ms);
  const words = [part(count, largest, language)];
  const next = UNITS[first + 1];
  if (next && next.ms >= 60_000) {
    const rest = Math.floor((length - count * largest.ms) / next.ms);
    if (rest > 0) words.push(part(rest, next, language));
  }
  return words.join(language === "zh" ? "" : " ");
}

function part(count: number, unit: (typeof UNITS)[number], language: Language): string {
  return language === "zh" ? `${count}${unit.zh}` : `${count} ${unit.en}`;
}
