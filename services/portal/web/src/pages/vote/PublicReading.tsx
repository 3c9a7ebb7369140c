// What a public page stands on until it is read, and when it cannot be: an address that leads nowhere is no failure.
import type { ReactNode } from "react";
import { ErrorNotice, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import type { Query } from "../../rpc/useQuery.ts";

interface PublicReadingProps<T> {
  query: Query<T>;
  /** Said where there is nothing behind the address, or nothing yet. */
  none: string;
  children: (data: T) => ReactNode;
}

export function PublicReading<T>({ query, none, children }: PublicReadingProps<T>) {
  const { data, failure, reload } = query;
  if (data !== undefined) return <>{children(data)}</>;
  if (!failure) return <PageSkeleton blocks={2} />;
  const missing = failure.kind === "missing" || failure.kind === "refused" || failure.kind === "invalid";
  return missing ? <Notice title={none} /> : <ErrorNotice failure={failure} onRetry={reload} />;
}
