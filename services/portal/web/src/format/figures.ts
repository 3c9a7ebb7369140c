// Rates and counts as people read them.
import type { Figures, Rate } from "../gen/gongzhi/reporting/v1/reporting_pb.ts";

/** The whole percent of a rate; undefined when the sample is too small to give one. */
export function percentOf(rate: Rate | undefined): string | undefined {
  if (rate?.value === undefined) return undefined;
  return `${(rate.value * 100).toFixed(1)}%`;
}

export type FigureOrder = "key" | "open" | "overdue" | "settled" | "whistlesOpen" | "responseRate" | "settlementRate" | "satisfactionRate";

/** Sorts rows by one column; rows without a value come last in either direction, of equal rows the one with more open cases comes first, then the order of their codes. */
export function sortFigures(rows: readonly Figures[], by: FigureOrder, descending: boolean): Figures[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((a, b) => {
    if (by === "key") return sign * a.key.localeCompare(b.key);
    const [left, right] = [numberOf(a, by), numberOf(b, by)];
    if (left === undefined || right === undefined) {
      return Number(left === undefined) - Number(right === undefined) || a.key.localeCompare(b.key);
    }
    return sign * (left - right) || Number(b.open - a.open) || a.key.localeCompare(b.key);
  });
}

function numberOf(row: Figures, by: Exclude<FigureOrder, "key">): number | undefined {
  const value = row[by];
  return typeof value === "bigint" ? Number(value) : value?.value;
}
