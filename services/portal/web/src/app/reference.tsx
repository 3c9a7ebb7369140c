// Names behind codes: areas, departments, categories, colleagues. Read once after signing in; a name that is not
// known, because the post may not read it or the service is away, is shown as its code.
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { partsOf } from "../format/organizations.ts";
import type { Category } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { type Department, type Division, DivisionLevel } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { cases, departments as departmentClient, divisions as divisionClient, staff as staffClient } from "../rpc/clients.ts";
import { useSpeech } from "./language.tsx";
import { usePerson } from "./session.tsx";

interface Lists {
  divisions: ReadonlyMap<string, Division>;
  departments: readonly Department[];
  categories: readonly Category[];
  colleagues: ReadonlyMap<string, string>;
}

export interface Reference extends Lists {
  areaName: (code: string) => string;
  departmentName: (code: string) => string;
  categoryName: (code: string) => string;
  /** Name of an organization that shares: of the department or of the area. */
  organizationName: (key: string) => string;
  /** Who did it: a name, "you", "by the system" or a shortened identity. */
  actorName: (actor: string) => string;
}

const NOTHING: Lists = { divisions: new Map(), departments: [], categories: [], colleagues: new Map() };
const ReferenceContext = createContext<Reference | undefined>(undefined);

export function ReferenceProvider({ children }: { children: ReactNode }) {
  const person = usePerson();
  const { language, t } = useSpeech();
  const [lists, setLists] = useState<Lists>(NOTHING);

  useEffect(() => {
    const stop = new AbortController();
    const take = (part: Partial<Lists>) => !stop.signal.aborted && setLists((old) => ({ ...old, ...part }));
    const leave = () => undefined;
    cases.listCategories({}, { signal: stop.signal }).then(({ categories }) => take({ categories }), leave);
    if (person.permits.holds("department.read")) {
      departmentClient.listDepartments({ pageSize: 500 }, { signal: stop.signal }).then(({ departments }) => take({ departments }), leave);
    }
    const areas = person.permits.areasOf("division.read");
    Promise.all(areas.map((area) => listDivisions(area, DivisionLevel.COMMUNITY, stop.signal))).then(
      (found) => take({ divisions: new Map(found.flat().map((division) => [division.areaCode, division])) }),
      leave,
    );
    const staffArea = person.permits.areasOf("staff.read")[0];
    if (staffArea) {
      staffClient
        .listStaff({ areaCode: staffArea, pageSize: 500 }, { signal: stop.signal })
        .then(({ staff }) => take({ colleagues: new Map(staff.map((one) => [one.staffId, one.displayName])) }), leave);
    }
    return () => stop.abort();
  }, [person]);

  const reference = useMemo<Reference>(() => {
    const departments = new Map(lists.departments.map((one) => [one.departmentCode, one]));
    const categories = new Map(lists.categories.map((one) => [one.categoryCode, one]));
    const areaName = (code: string) => lists.divisions.get(code)?.name ?? code;
    const departmentName = (code: string) => {
      const found = departments.get(code);
      return found ? (language === "zh" ? found.nameZh : found.nameEn) : code;
    };
    return {
      ...lists,
      areaName,
      departmentName,
      organizationName: (key) => {
        const parts = partsOf(key);
        return parts ? (parts.kind === "department" ? departmentName(parts.code) : areaName(parts.code)) : key;
      },
      categoryName: (code) => {
        const found = categories.get(code);
        return found ? (language === "zh" ? found.titleZh : found.titleEn) : code;
      },
      actorName: (actor) => {
        if (actor.startsWith("system:")) return t("timeline.system");
        if (actor === person.staffId) return `${person.displayName} (${t("timeline.you")})`;
        return lists.colleagues.get(actor) ?? t("timeline.staff", { id: actor.slice(-6) });
      },
    };
  }, [lists, language, t, person]);

  return <ReferenceContext value={reference}>{children}</ReferenceContext>;
}

export function useReference(): Reference {
  const reference = useContext(ReferenceContext);
  if (!reference) throw new Error("useReference needs a ReferenceProvider above it");
  return reference;
}

/** Lists an area and everything below it down to a level, all pages. */
export async function listDivisions(areaCode: string, deepest: DivisionLevel, signal: AbortSignal): Promise<Division[]> {
  const found: Division[] = [];
  let pageToken = "";
  do {
    const page = await divisionClient.listDivisions({ areaCode, deepest, pageSize: 1000, pageToken }, { signal });
    found.push(...page.divisions);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}
