// What the caller's posts allow, read from WhoAmI. Pages hide what is not allowed; the services decide.
import { levelOf, within } from "../format/areas.ts";
import { partsOf } from "../format/organizations.ts";
import type { Permit, WhoAmIResponse } from "../gen/gongzhi/organization/v1/organization_pb.ts";

const DISTRICT_LENGTH = 6;

export class Permits {
  readonly #permits: readonly Permit[];

  constructor(who: Pick<WhoAmIResponse, "permits">) {
    this.#permits = who.permits;
  }

  /** True when something of the kind is allowed anywhere. */
  holds(permission: string): boolean {
    return this.#permits.some((permit) => permit.permission === permission);
  }

  /** True when it is allowed in the area. */
  allows(permission: string, areaCode: string): boolean {
    return this.#permits.some((permit) => permit.permission === permission && within(areaCode, permit.areaCode));
  }

  /** The areas in which it is allowed, widest first. */
  areasOf(permission: string): string[] {
    const areas = this.#permits.filter((permit) => permit.permission === permission).map((permit) => permit.areaCode);
    return [...new Set(areas)].sort((a, b) => a.length - b.length || a.localeCompare(b));
  }

  /** The departments for which the caller may act. */
  departments(): string[] {
    return [...new Set(this.#permits.map((permit) => permit.departmentCode).filter((code) => code !== ""))].sort();
  }

  /** The district in which the posts are; empty without a post. */
  district(): string {
    return this.#permits[0]?.areaCode.slice(0, DISTRICT_LENGTH) ?? "";
  }

  /** The widest area whose divisions may be read: where a person's work mostly lies; the district for want of one. */
  home(): string {
    return this.areasOf("division.read")[0] ?? this.district();
  }

  /** True when it is allowed for every organization of the district. */
  allowsEverywhere(permission: string): boolean {
    return this.#of(permission).some((permit) => permit.departmentCode === "" && permit.areaCode.length <= DISTRICT_LENGTH);
  }

  /** True when it is allowed for the organization: a department is of the whole district, whoever acts for one acts for no area. */
  allowsFor(permission: string, organization: string): boolean {
    const parts = partsOf(organization);
    if (!parts) return false;
    return this.#of(permission).some((permit) => {
      if (permit.departmentCode !== "") return parts.kind === "department" && permit.departmentCode === parts.code;
      return parts.kind === "area" ? within(parts.code, permit.areaCode) : permit.areaCode.length <= DISTRICT_LENGTH;
    });
  }

  /** The organizations for which it is held: departments first, then areas that have an office, widest first. */
  organizationsOf(permission: string): string[] {
    const departments = this.#of(permission).flatMap((permit) => (permit.departmentCode === "" ? [] : [`department/${permit.departmentCode}`]));
    const areas = this.#of(permission).flatMap((permit) => (permit.departmentCode === "" && levelOf(permit.areaCode) ? [permit.areaCode] : []));
    const widest = areas.sort((a, b) => a.length - b.length || a.localeCompare(b)).map((code) => `area/${code}`);
    return [...new Set([...departments.sort(), ...widest])];
  }

  #of(permission: string): Permit[] {
    return this.#permits.filter((permit) => permit.permission === permission);
  }
}
