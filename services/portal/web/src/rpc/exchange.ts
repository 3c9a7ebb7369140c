// The typed clients of the exchange; only its own pages load them.
import { createClient } from "@connectrpc/connect";
import { CatalogueService, GrantService, SubscriptionService } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { RoomService } from "../gen/gongzhi/exchange/v1/room_pb.ts";
import { transport } from "./transport.ts";

export const catalogue = createClient(CatalogueService, transport);
export const grants = createClient(GrantService, transport);
export const subscriptions = createClient(SubscriptionService, transport);
export const rooms = createClient(RoomService, transport);
