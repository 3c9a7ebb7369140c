// Refusals whose word means something of its own in one service; looked at before the words that all services share.
import type { Pair } from "../../app/words/index.ts";
import { BALANCE } from "./balances.ts";
import { CONVERSATION } from "./conversations.ts";
import { FUND } from "./funds.ts";
import { MEETING } from "./meetings.ts";
import { POOL } from "./pools.ts";
import { PROCEDURE } from "./procedures.ts";

export type Reasons = Readonly<Record<string, Pair>>;

/** By the name of the service in the contract. */
export const BY_SERVICE: Readonly<Record<string, Reasons>> = {
  BalanceService: BALANCE,
  ConversationService: CONVERSATION,
  FundService: FUND,
  MeetingService: MEETING,
  PoolService: POOL,
  ProcedureService: PROCEDURE,
};
