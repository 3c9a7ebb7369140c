// Exact amounts as public records write them, `7`, `3.25` or `22/7`: added and compared without rounding, rounded only where they are shown.
import type { Language } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";
import { yuanOf } from "./deliberation.ts";

export interface Exact {
  numerator: bigint;
  /** Always positive. */
  denominator: bigint;
}

export const NOTHING: Exact = { numerator: 0n, denominator: 1n };

/** Reads an amount; undefined for what is none. */
export function exactOf(text: string): Exact | undefined {
  const fraction = /^(-?\d+)\/(\d+)$/.exec(text.trim());
  if (fraction) return BigInt(fraction[2]!) === 0n ? undefined : { numerator: BigInt(fraction[1]!), denominator: BigInt(fraction[2]!) };
  const decimal = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!decimal) return undefined;
  const places = decimal[3] ?? "";
  const digits = BigInt(decimal[2]! + places);
  return lowest(decimal[1] === "-" ? -digits : digits, 10n ** BigInt(places.length));
}

export function exactFen(fen: bigint): Exact {
  return lowest(fen, 100n);
}

export function plus(a: Exact, b: Exact): Exact {
  return lowest(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

export function minus(a: Exact, b: Exact): Exact {
  return plus(a, { ...b, numerator: -b.numerator });
}

export function times(a: Exact, count: number): Exact {
  return lowest(a.numerator * BigInt(count), a.denominator);
}

/** Below zero, zero or above it, as the first is less than, equal to or more than the second. */
export function compare(a: Exact, b: Exact): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** An amount in yuan: exact where fen suffice, else the nearest fen and that it is so: `约 ¥3.14`. */
export function yuanInWords({ numerator, denominator }: Exact, language: Language): string {
  const doubled = numerator * 200n + denominator;
  const fen = doubled / (denominator * 2n);
  const shown = yuanOf(fen);
  return fen * denominator === numerator * 100n ? shown : say(language, "money.about", { yuan: shown });
}

function lowest(numerator: bigint, denominator: bigint): Exact {
  const common = divisor(numerator < 0n ? -numerator : numerator, denominator);
  return { numerator: numerator / common, denominator: denominator / common };
}

function divisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a === 0n ? 1n : a;
}
