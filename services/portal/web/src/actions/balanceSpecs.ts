// What may be done with a balance beside giving a position and agreeing, which have forms of their own.
import { balances } from "../rpc/deliberation.ts";
import type { ActionSpec } from "./specs.ts";

export interface BalanceTarget {
  balanceId: string;
}

export const revealBalance: ActionSpec<BalanceTarget> = {
  title: "action.RevealBalance",
  note: "action.RevealBalance.note",
  fields: [],
  call: ({ balanceId }, _, options) => balances.revealBalance({ balanceId }, options),
};

export const nextRound: ActionSpec<BalanceTarget> = {
  title: "action.NextRound",
  note: "action.NextRound.note",
  fields: [],
  call: ({ balanceId }, _, options) => balances.nextRound({ balanceId }, options),
};
