// A list that is read page by page, whatever its rows look like: what stands there before the first page, when a page fails, and for more.
import { Button } from "antd";
import type { ReactNode } from "react";
import { useSpeech } from "../app/language.tsx";
import type { Pages } from "../rpc/usePages.ts";
import { ErrorNotice, FailureLine } from "./Notice.tsx";
import { PageSkeleton } from "./PageSkeleton.tsx";

interface PagedListProps<T> {
  list: Pages<T>;
  children: (rows: readonly T[]) => ReactNode;
}

export function PagedList<T>({ list, children }: PagedListProps<T>) {
  const { t } = useSpeech();
  return (
    <>
      {list.failure && list.rows && <FailureLine failure={list.failure} onRetry={list.reload} />}
      {!list.rows && (list.failure ? <ErrorNotice failure={list.failure} onRetry={list.reload} /> : <PageSkeleton blocks={2} />)}
      {list.rows && children(list.rows)}
      {list.hasMore && (
        <Button onClick={list.more} loading={list.loading}>
          {t("state.more")}
        </Button>
      )}
    </>
  );
}
