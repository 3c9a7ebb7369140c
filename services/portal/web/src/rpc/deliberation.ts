// The typed clients of deliberation; only its own pages load them. What everybody may call goes without the cookie, so that nobody can tell who voted or said what.
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AgendaService } from "../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { BalanceService } from "../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { BallotService } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { FundService } from "../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { MeetingService } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { ConversationService } from "../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { PoolService } from "../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { ProcedureService } from "../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { ResolutionService } from "../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { TopicService } from "../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { nameService, transport } from "./transport.ts";
import { tryAgain } from "./tryAgain.ts";

export const topics = createClient(TopicService, transport);
export const agendas = createClient(AgendaService, transport);
export const pools = createClient(PoolService, transport);
export const funds = createClient(FundService, transport);
export const ballots = createClient(BallotService, transport);
export const meetings = createClient(MeetingService, transport);
export const procedures = createClient(ProcedureService, transport);
export const resolutions = createClient(ResolutionService, transport);
export const conversations = createClient(ConversationService, transport);
export const balances = createClient(BalanceService, transport);

const anonymous = createGrpcWebTransport({
  baseUrl: "/grpc",
  defaultTimeoutMs: 30_000,
  interceptors: [nameService, tryAgain],
  fetch: (input, init) => fetch(input, { ...init, credentials: "omit" }),
});
export const publicBallots = createClient(BallotService, anonymous);
export const publicPools = createClient(PoolService, anonymous);
export const publicFunds = createClient(FundService, anonymous);
export const publicConversations = createClient(ConversationService, anonymous);
