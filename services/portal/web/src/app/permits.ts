// What the caller's posts allow, read from WhoAmI. Pages hide what is not allowed; the services decide.
import { within } from "../format/areas.ts";
import type { Permit, WhoAmIResponse } from "../gen/gongzhi/organization/v1/organization_pb.ts";

export class Permits {
  readonly #permits: readonly Permit[];

  constructor(who: WhoAmIResponse) {
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
}
