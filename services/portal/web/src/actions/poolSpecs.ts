// What may be done with pools: forms with the limits of the contract, and the calls that carry them out. Opening one and changing its quotas have pages of their own.
import { pools } from "../rpc/deliberation.ts";
import { type ActionSpec, words } from "./specs.ts";

export interface PoolTarget {
  poolId: string;
}

export const withdrawVolunteer: ActionSpec<PoolTarget> = {
  title: "action.WithdrawVolunteer",
  note: "action.WithdrawVolunteer.note",
  grave: true,
  fields: [{ kind: "ordinal", name: "number", label: "field.volunteerNumber", max: 1_000_000 }],
  call: ({ poolId }, values, options) => pools.withdrawVolunteer({ poolId, number: Number(values.number) }, options),
};

export const closePool: ActionSpec<PoolTarget> = {
  title: "action.ClosePool",
  note: "action.ClosePool.note",
  fields: [],
  call: ({ poolId }, _, options) => pools.closePool({ poolId }, options),
};

export const publishLottery: ActionSpec<PoolTarget> = {
  title: "action.PublishLottery",
  note: "action.PublishLottery.note",
  fields: [],
  call: ({ poolId }, _, options) => pools.publishLottery({ poolId }, options),
};

export const drawNumber: ActionSpec<PoolTarget> = {
  title: "action.DrawNumber",
  note: "action.DrawNumber.note",
  fields: [{ kind: "digits", name: "number", label: "field.drawNumber", hint: "field.drawNumberHint", min: 3, max: 3 }],
  call: ({ poolId }, values, options) => pools.drawNumber({ poolId, number: words(values, "number") }, options),
};

/** Takes members off the panel as it is. */
export function dropMembers(panel: readonly number[]): ActionSpec<PoolTarget> {
  return {
    title: "action.DropMembers",
    note: "action.DropMembers.note",
    grave: true,
    fields: [{ kind: "numbers", name: "numbers", label: "field.dropNumbers", of: panel }],
    call: ({ poolId }, values, options) => pools.dropMembers({ poolId, numbers: values.numbers as number[] }, options),
  };
}

export const drawReplacements: ActionSpec<PoolTarget> = {
  title: "action.DrawReplacements",
  note: "action.DrawReplacements.note",
  fields: [{ kind: "digits", name: "number", label: "field.replacementNumber", min: 6, max: 30 }],
  call: ({ poolId }, values, options) => pools.drawReplacements({ poolId, number: words(values, "number") }, options),
};
