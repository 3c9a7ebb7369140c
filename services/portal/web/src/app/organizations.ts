// The organizations for which a person may do something, as choices of a form: departments, then areas that have an office.
import { hasOffice } from "../format/areas.ts";
import { useReference } from "./reference.tsx";
import { usePerson } from "./session.tsx";

export interface OrganizationChoice {
  value: string;
  label: string;
}

/** Those for which the permission is held; an area brings the areas with an office within it. */
export function useOrganizations(permission: string): OrganizationChoice[] {
  const { permits } = usePerson();
  const { departments, divisions, organizationName } = useReference();
  const held = permits.organizationsOf(permission);
  const everybody = permits.allowsEverywhere(permission) ? departments.map((one) => `department/${one.departmentCode}`) : [];
  const within = [...divisions.keys()].filter(hasOffice).map((code) => `area/${code}`);
  const all = [...held, ...everybody, ...within].filter((key) => permits.allowsFor(permission, key));
  return [...new Set(all)].map((value) => ({ value, label: organizationName(value) }));
}
