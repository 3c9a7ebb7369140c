// Names of where a case is: the place down to the building (米市社区 · 米市新村 · 3幢) and its grid. What is not known is left out.
import { listDivisions, useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { trailOf } from "../../format/areas.ts";
import { grids } from "../../rpc/clients.ts";
import { DivisionLevel } from "../../gen/gongzhi/organization/v1/organization_pb.ts";
import { useQuery } from "../../rpc/useQuery.ts";

export function usePlaceName(areaCode: string): string {
  return usePlaceNames(areaCode.slice(0, 12), areaCode.length > 12)(areaCode);
}

/** Names places of a community, read once for all of them; its estates and buildings only where they are wanted. */
export function usePlaceNames(community: string, below = true): (areaCode: string) => string {
  const { areaName, divisions } = useReference();
  const { permits } = usePerson();
  const isRead = below && permits.allows("division.read", community);
  const list = useQuery(isRead ? `places:${community}` : undefined, (signal) => listDivisions(community, DivisionLevel.BUILDING, signal));
  const names = new Map((list.data ?? []).map((division) => [division.areaCode, division.name]));
  return (areaCode) =>
    trailOf(areaCode)
      .filter((code) => code.length >= 9 && (code.length !== 9 || divisions.has(code)))
      .map((code) => (code.length <= 12 ? areaName(code) : names.get(code)))
      .filter((name) => name !== undefined)
      .join(" · ");
}

/** The name of a grid, and its code until the name is known. */
export function useGridName(gridId: string): string {
  const { permits } = usePerson();
  const community = gridId.split("-")[0] ?? "";
  const known = gridId !== "" && permits.allows("grid.read", community);
  const below = useQuery(known ? `grids:${community}` : undefined, (signal) => grids.listGrids({ areaCode: community, pageSize: 500 }, { signal }));
  return below.data?.grids.find((grid) => grid.gridId === gridId)?.name ?? gridId;
}
