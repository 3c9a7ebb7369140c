// What may be done with a room and with what was said in it: forms with the limits of the contract, and the calls that carry them out.
import { organizationOf } from "../format/organizations.ts";
import { rooms } from "../rpc/exchange.ts";
import { type ActionSpec, reason, text, words } from "./specs.ts";

export interface RoomTarget {
  roomId: string;
}

export interface EntryTarget {
  entryId: string;
}

/** Calls one more organization; those that are in the room are not offered. */
export function callOrganization(within: readonly string[]): ActionSpec<RoomTarget> {
  return {
    title: "action.CallOrganization",
    fields: [{ kind: "organization", name: "called", label: "field.called", without: within }],
    call: ({ roomId }, values, options) => {
      const called = organizationOf(words(values, "called"));
      return rooms.callOrganization({ roomId, ...(called && { called }) }, options);
    },
  };
}

export const closeRoom: ActionSpec<RoomTarget> = {
  title: "action.CloseRoom",
  note: "action.CloseRoom.note",
  fields: [text("summary", "field.roomSummary", 5, 2000)],
  grave: true,
  call: ({ roomId }, values, options) => rooms.closeRoom({ roomId, summary: words(values, "summary") }, options),
};

export const withdrawEntry: ActionSpec<EntryTarget> = {
  title: "action.WithdrawEntry",
  note: "action.WithdrawEntry.note",
  fields: [reason],
  grave: true,
  call: ({ entryId }, values, options) => rooms.withdrawEntry({ entryId, reason: words(values, "reason") }, options),
};
