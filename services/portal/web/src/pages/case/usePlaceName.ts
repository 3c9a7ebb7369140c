// The name of a place down to the building: 米市社区 · 米市新村 · 3幢. What is not known is left out.
import { listDivisions, useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { trailOf } from "../../format/areas.ts";
import { DivisionLevel } from "../../gen/gongzhi/organization/v1/organization_pb.ts";
import { useQuery } from "../../rpc/useQuery.ts";

export function usePlaceName(areaCode: string): string {
  const { areaName, divisions } = useReference();
  const { permits } = usePerson();
  const community = areaCode.slice(0, 12);
  const isBelow = areaCode.length > 12 && permits.allows("division.read", areaCode);
  const below = useQuery(isBelow ? `place:${areaCode}` : undefined, (signal) => listDivisions(community, DivisionLevel.BUILDING, signal));
  const names = new Map((below.data ?? []).map((division) => [division.areaCode, division.name]));
  return trailOf(areaCode)
    .filter((code) => code.length >= 9 && (code.length !== 9 || divisions.has(code)))
    .map((code) => (code.length <= 12 ? areaName(code) : names.get(code)))
    .filter((name) => name !== undefined)
    .join(" · ");
}
