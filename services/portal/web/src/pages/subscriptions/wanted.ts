// What the form of a new subscription holds, and the request that it becomes.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { linesOf } from "../../actions/specs.ts";
import { startOf } from "../../actions/exchangeSpecs.ts";
import { organizationOf } from "../../format/organizations.ts";
import { DeliveryWay, type SignatureScheme, type SubscribeRequestSchema } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";

export interface Wanted {
  organization: string;
  name: string;
  /** Empty for default rights. */
  grantId: string;
  facts: string[];
  areaCodes: string[];
  audiences: string[];
  condition: string;
  way: DeliveryWay;
  url: string;
  scheme: SignatureScheme;
  allowedNetworks: string;
  start: number;
  "start.time": string;
}

/** Fields of the form by the names of the contract. */
export const WANTED_NAMES: readonly (keyof Wanted)[] = [
  "organization",
  "name",
  "grantId",
  "facts",
  "areaCodes",
  "audiences",
  "condition",
  "way",
  "url",
  "scheme",
  "allowedNetworks",
  "start",
  "start.time",
];

export function requestOf(wanted: Wanted): MessageInitShape<typeof SubscribeRequestSchema> {
  const organization = organizationOf(wanted.organization);
  const webhook = { url: (wanted.url ?? "").trim(), scheme: wanted.scheme, allowedNetworks: linesOf(wanted.allowedNetworks) };
  return {
    ...(organization && { organization }),
    name: wanted.name.trim(),
    grantId: wanted.grantId,
    filter: { areaCodes: wanted.areaCodes, facts: wanted.facts, audiences: wanted.audiences, condition: (wanted.condition ?? "").trim() },
    way: wanted.way,
    ...(wanted.way === DeliveryWay.WEBHOOK && { webhook }),
    start: startOf({ ...wanted }),
  };
}
