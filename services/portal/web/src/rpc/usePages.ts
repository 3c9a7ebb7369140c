// A list that is read page by page: shows more on demand, keeps the rows on the screen while the next page is read, can be read again as a whole.
import { useCallback, useState } from "react";
import type { Failure } from "./failure.ts";
import { useQuery } from "./useQuery.ts";

export interface Page<T> {
  rows: readonly T[];
  nextPageToken: string;
}

export interface Pages<T> {
  /** Undefined until the first page is there. */
  rows: readonly T[] | undefined;
  hasMore: boolean;
  failure: Failure | undefined;
  loading: boolean;
  more: () => void;
  reload: () => void;
  /** Reads all shown pages again without a sign of it; for polling. */
  refresh: (signal: AbortSignal) => Promise<void>;
}

interface Read<T> {
  rows: T[];
  hasMore: boolean;
}

/** Reads the list that the key names; an undefined key reads nothing. */
export function usePages<T>(key: string | undefined, read: (pageToken: string, signal: AbortSignal) => Promise<Page<T>>): Pages<T> {
  const [wanted, setWanted] = useState({ key, pages: 1 });
  const pages = wanted.key === key ? wanted.pages : 1;
  const readAll = async (signal: AbortSignal): Promise<Read<T>> => {
    const rows: T[] = [];
    let pageToken = "";
    for (let page = 0; page < pages; page += 1) {
      const answer = await read(pageToken, signal);
      rows.push(...answer.rows);
      pageToken = answer.nextPageToken;
      if (pageToken === "") break;
    }
    return { rows, hasMore: pageToken !== "" };
  };
  const query = useQuery(key && `${key}:${pages}`, readAll);
  const [last, setLast] = useState<{ key: string | undefined; data: Read<T> }>();
  if (query.data && query.data !== last?.data) setLast({ key, data: query.data });
  const data = query.data ?? (last?.key === key ? last?.data : undefined);
  const more = useCallback(() => setWanted({ key, pages: pages + 1 }), [key, pages]);
  return {
    rows: data?.rows,
    hasMore: data?.hasMore ?? false,
    failure: query.failure,
    loading: query.loading,
    more,
    reload: query.reload,
    refresh: async (signal) => query.replace(await readAll(signal)),
  };
}
