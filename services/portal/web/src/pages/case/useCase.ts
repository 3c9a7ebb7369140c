// A case with its whistle and its timeline, kept fresh: the case is asked for every two seconds while the page is seen,
// the rest only when a version moved.
import { useCallback, useEffect, useRef, useState } from "react";
import { usePerson } from "../../app/session.tsx";
import type { GetCaseResponse, TimelineEntry } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases } from "../../rpc/clients.ts";
import type { Failure } from "../../rpc/failure.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { useWhistle, type WatchedWhistle } from "../whistle/useWhistle.ts";

const POLL_MS = 2000;

export interface TimelinePages {
  entries: TimelineEntry[];
  hasMore: boolean;
}

export interface WatchedCase {
  detail: Query<GetCaseResponse>;
  whistle: WatchedWhistle;
  timeline: Query<TimelinePages>;
  /** Why the last refresh failed, if it did. */
  stale: Failure | undefined;
  showMore: () => void;
  reload: () => void;
}

export function useCase(caseId: string): WatchedCase {
  const { permits } = usePerson();
  const [pages, setPages] = useState(1);
  const detail = useQuery(`case:${caseId}`, (signal) => cases.getCase({ caseId }, { signal }));
  const timeline = useQuery(`timeline:${caseId}`, (signal) => readTimeline(caseId, pages, signal));
  // Once accepted or withdrawn a whistle is no longer named by the case; its history still is.
  const lastWhistle = timeline.data?.entries.findLast((entry) => entry.aggregate === "whistle")?.aggregateId ?? "";
  const whistleId = detail.data?.case?.whistleId || lastWhistle;
  const whistle = useWhistle(permits.holds("whistle.read") ? whistleId : "");

  const { replace, data } = detail;
  const stale = useVisiblePoll(data !== undefined, POLL_MS, async (signal) => replace(await cases.getCase({ caseId }, { signal })));

  const { reload: reloadTimeline } = timeline;
  const versions = `${data?.case?.version ?? ""}/${whistle.query.data?.whistle?.version ?? ""}/${pages}`;
  const known = useRef(versions);
  useEffect(() => {
    if (known.current === versions) return;
    known.current = versions;
    reloadTimeline();
  }, [versions, reloadTimeline]);

  const { reload: reloadDetail } = detail;
  const { reload: reloadWhistle } = whistle.query;
  const reload = useCallback(() => {
    reloadDetail();
    reloadWhistle();
    reloadTimeline();
  }, [reloadDetail, reloadWhistle, reloadTimeline]);
  return { detail, whistle, timeline, stale, showMore: useCallback(() => setPages((n) => n + 1), []), reload };
}

async function readTimeline(caseId: string, pages: number, signal: AbortSignal): Promise<TimelinePages> {
  const entries: TimelineEntry[] = [];
  let pageToken = "";
  for (let page = 0; page < pages; page += 1) {
    const answer = await cases.getTimeline({ caseId, pageSize: 200, pageToken }, { signal });
    entries.push(...answer.entries);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { entries, hasMore: pageToken !== "" };
}
