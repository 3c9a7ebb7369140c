// Subscriptions: which are delivered, how far they are, what waits; read again while the page is seen.
import { Segmented } from "antd";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice, StaleLine } from "../../components/Notice.tsx";
import { OrganizationFilter } from "../../components/OrganizationFilter.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { subscriptionStatusTone, subscriptionStatusWord, wayWord } from "../../format/exchange.ts";
import { keyOf, organizationOf } from "../../format/organizations.ts";
import { lately, msOf } from "../../format/times.ts";
import { type Subscription, SubscriptionStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { heldInWords, lagInWords } from "./lag.ts";
import "../lists.css";
import "./subscriptions.css";

type Show = "open" | "paused" | "ended" | "all";
const SHOWS: readonly Show[] = ["open", "paused", "ended", "all"];
const STATUSES: Record<Show, SubscriptionStatus[]> = {
  open: [SubscriptionStatus.ACTIVE, SubscriptionStatus.PAUSED],
  paused: [SubscriptionStatus.PAUSED],
  ended: [SubscriptionStatus.ENDED],
  all: [],
};
const POLL_MS = 3000;

export default function SubscriptionsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [query, setQuery] = useSearchParams();
  const organizations = useOrganizations("subscription.read");
  usePageTitle(t("subscriptions.title"));

  const readable = permits.holds("subscription.read");
  const readsAll = permits.allowsEverywhere("subscription.read");
  const show = SHOWS.find((one) => one === query.get("show")) ?? "open";
  const owner = query.get("organization") ?? (readsAll ? "" : (permits.organizationsOf("subscription.read")[0] ?? ""));
  const list = usePages(readable ? `subscriptions:${owner}:${show}` : undefined, async (pageToken, signal) => {
    const organization = organizationOf(owner);
    const request = { ...(organization && { organization }), statuses: STATUSES[show], pageSize: 50, pageToken };
    const answer = await subscriptions.listSubscriptions(request, { signal });
    return { rows: answer.subscriptions, nextPageToken: answer.nextPageToken };
  });
  const stale = useVisiblePoll(list.rows !== undefined, POLL_MS, list.refresh);
  if (!readable) return <Notice title={t("subscriptions.noPost")} action={{ label: t("state.home"), to: "/" }} />;

  const change = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    setQuery(next, { replace: true });
  };
  const choices = readsAll ? [{ value: "", label: t("grants.everyOrganization") }, ...organizations] : organizations;
  return (
    <div className="page" data-testid="subscriptions">
      <div className="page-head list-head">
        <h1>{t("subscriptions.title")}</h1>
        <Segmented<Show> value={show} onChange={(value) => change("show", value)} options={SHOWS.map((value) => ({ value, label: t(`subscriptions.${value}`) }))} />
        <span className="quiet">{t("subscriptions.live", { n: POLL_MS / 1000 })}</span>
        <div className="list-filters">
          <OrganizationFilter label={t("grants.organization")} value={owner} onChange={(value) => change("organization", value)} options={choices} />
          {permits.holds("subscription.manage") && (
            <Link className="button button-primary" to="/subscriptions/new" data-testid="new-subscription">
              {t("subscriptions.new")}
            </Link>
          )}
        </div>
      </div>
      <StaleLine failure={stale} />
      <PagedList list={list}>
        {(rows) => (
          <div className="panel">
            <div className="panel-body">{rows.length === 0 ? <EmptyNote>{t(`subscriptions.empty.${show}`)}</EmptyNote> : <SubscriptionTable rows={rows} />}</div>
          </div>
        )}
      </PagedList>
    </div>
  );
}

function SubscriptionTable({ rows }: { rows: readonly Subscription[] }) {
  const { t, language } = useSpeech();
  const { organizationName } = useReference();
  const columns: Column<Subscription>[] = [
    {
      key: "name",
      title: t("subscriptions.name"),
      render: (row) => (
        <span className="subscription-name">
          <Link to={`/subscriptions/${row.subscriptionId}`}>{row.name}</Link>
          <span className="quiet">{organizationName(keyOf(row.organization))}</span>
          {row.progress?.lastError && <span className="bad subscription-error">{row.progress.lastError}</span>}
        </span>
      ),
    },
    {
      key: "status",
      title: t("subscriptions.status"),
      render: (row) => (
        <Mark tone={subscriptionStatusTone[row.status]} title={row.reason}>
          {t(subscriptionStatusWord[row.status])}
        </Mark>
      ),
    },
    { key: "way", title: t("subscriptions.way"), render: (row) => t(wayWord[row.way]) },
    {
      key: "lag",
      title: t("subscriptions.lag"),
      render: (row) => (row.status === SubscriptionStatus.ENDED ? "–" : lagInWords(row.progress, language)),
    },
    {
      key: "last",
      title: t("subscriptions.lastDelivered"),
      render: (row) => {
        const at = msOf(row.progress?.lastDeliveredAt);
        return at === undefined ? <span className="quiet">{t("subscriptions.never")}</span> : lately(at, language);
      },
    },
    {
      key: "held",
      title: t("subscriptions.waiting"),
      render: (row) => <span className={row.progress && row.progress.parked > 0n ? "bad" : ""}>{heldInWords(row.progress, language)}</span>,
    },
  ];
  return (
    <div className="subscription-table">
      <DataTable label={t("subscriptions.title")} columns={columns} rows={rows} rowKey={(row) => row.subscriptionId} rowTestId={(row) => `subscription-${row.subscriptionId}`} />
    </div>
  );
}
