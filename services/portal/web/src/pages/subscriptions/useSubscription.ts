// A subscription, asked for every two seconds while the page is seen and it has not ended.
import { type Subscription, SubscriptionStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import type { Failure } from "../../rpc/failure.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";

const POLL_MS = 2000;

export function useSubscription(subscriptionId: string): { query: Query<Subscription | undefined>; stale: Failure | undefined } {
  const read = async (signal: AbortSignal) => (await subscriptions.getSubscription({ subscriptionId }, { signal })).subscription;
  const query = useQuery(`subscription:${subscriptionId}`, read);
  const open = query.data !== undefined && query.data.status !== SubscriptionStatus.ENDED;
  const stale = useVisiblePoll(open, POLL_MS, async (signal) => query.replace(await read(signal)));
  return { query, stale };
}
