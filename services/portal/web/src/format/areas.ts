// Area codes: trimmed to their level, so an area lies within another exactly when its code starts with the other's.

export type AreaLevel = "district" | "sub_district" | "community" | "estate" | "building";

const LENGTHS: readonly (readonly [AreaLevel, number])[] = [
  ["district", 6],
  ["sub_district", 9],
  ["community", 12],
  ["estate", 15],
  ["building", 18],
];

/** Tells the level of an area code; undefined above the district and for what is no code. */
export function levelOf(areaCode: string): AreaLevel | undefined {
  return LENGTHS.find(([, length]) => length === areaCode.length)?.[0];
}

/** True when the area is the other one or lies in it. */
export function within(areaCode: string, outer: string): boolean {
  return outer !== "" && areaCode.startsWith(outer);
}

/** Lists an area and everything around it from the district down: `330105001052` → district, sub-district, community. */
export function trailOf(areaCode: string): string[] {
  return LENGTHS.filter(([, length]) => length <= areaCode.length).map(([, length]) => areaCode.slice(0, length));
}

/** True for an area that has an office and so can be an organization. */
export function hasOffice(areaCode: string): boolean {
  const level = levelOf(areaCode);
  return level === "district" || level === "sub_district" || level === "community";
}
