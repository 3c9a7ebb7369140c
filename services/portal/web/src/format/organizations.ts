// Organizations that share: a department, or an area with everybody who serves it. As one text: `department/housing`, `area/330105001`.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Organization, OrganizationSchema } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";

/** The one text for an organization; empty for none. */
export function keyOf(organization: Organization | undefined): string {
  switch (organization?.organization.case) {
    case "departmentCode":
      return `department/${organization.organization.value}`;
    case "areaCode":
      return `area/${organization.organization.value}`;
    case undefined:
      return "";
  }
}

/** Department or area behind the one text. */
export function partsOf(key: string): { kind: "department" | "area"; code: string } | undefined {
  const [kind, code] = key.split("/");
  return code && (kind === "department" || kind === "area") ? { kind, code } : undefined;
}

/** The organization of a request; none for a text that is none. */
export function organizationOf(key: string): MessageInitShape<typeof OrganizationSchema> | undefined {
  const parts = partsOf(key);
  if (!parts) return undefined;
  return { organization: parts.kind === "department" ? { case: "departmentCode", value: parts.code } : { case: "areaCode", value: parts.code } };
}
