// A whistle, asked for every two seconds while the page is seen and the whistle is open.
import { type GetWhistleResponse, WhistlePhase } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { whistles } from "../../rpc/clients.ts";
import type { Failure } from "../../rpc/failure.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";

const POLL_MS = 2000;

export interface WatchedWhistle {
  whistleId: string;
  query: Query<GetWhistleResponse>;
  /** Why the last refresh failed, if it did. */
  stale: Failure | undefined;
}

/** Watches a whistle; an empty id watches nothing. */
export function useWhistle(whistleId: string): WatchedWhistle {
  const query = useQuery(whistleId === "" ? undefined : `whistle:${whistleId}`, (signal) => whistles.getWhistle({ whistleId }, { signal }));
  const phase = query.data?.whistle?.phase;
  const open = phase === WhistlePhase.SOUNDED || phase === WhistlePhase.FINISHED;
  const stale = useVisiblePoll(open, POLL_MS, async (signal) => query.replace(await whistles.getWhistle({ whistleId }, { signal })));
  return { whistleId, query, stale };
}
