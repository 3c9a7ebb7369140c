// Deliveries that failed and wait, oldest first, and a way to try them again.
import { Button } from "antd";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { subscriptionSpecs } from "../../actions/exchangeSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { FactName } from "../../components/FactName.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, FailureLine, StaleLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { keyOf } from "../../format/organizations.ts";
import { lately, msOf } from "../../format/times.ts";
import { type HeldDelivery, type Subscription, SubscriptionStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { subscriptions } from "../../rpc/exchange.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";

const POLL_MS = 5000;
const PAGE_SIZE = 20;

export function HeldPanel({ found, onRetried }: { found: Subscription; onRetried: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { subscriptionId } = found;
  const held = usePages(`held:${subscriptionId}`, async (pageToken, signal) => {
    const answer = await subscriptions.listHeldDeliveries({ subscriptionId, pageSize: PAGE_SIZE, pageToken }, { signal });
    return { rows: answer.deliveries, nextPageToken: answer.nextPageToken };
  });
  const alive = found.status !== SubscriptionStatus.ENDED;
  const stale = useVisiblePoll(alive && held.rows !== undefined, POLL_MS, held.refresh);
  const waits = held.rows !== undefined && held.rows.length > 0;
  const retry = { rpc: "RetryHeldDeliveries", spec: subscriptionSpecs.RetryHeldDeliveries, target: { subscriptionId } };
  const mayRetry = waits && alive && permits.allowsFor("subscription.operate", keyOf(found.organization));
  const onDone = () => {
    held.reload();
    onRetried();
  };
  return (
    <Panel title={t("subscriptions.held")} note={waits && t("subscriptions.heldNote")} aside={mayRetry && <ChoiceBar choices={[retry]} onDone={onDone} />} testId="held-deliveries">
      <div className="stack">
        <StaleLine failure={stale} />
        {held.failure && <FailureLine failure={held.failure} onRetry={held.reload} />}
        {held.rows?.length === 0 && <EmptyNote>{t("subscriptions.heldEmpty")}</EmptyNote>}
        {held.rows && held.rows.length > 0 && <HeldTable rows={held.rows} />}
        {held.hasMore && (
          <Button onClick={held.more} loading={held.loading}>
            {t("state.more")}
          </Button>
        )}
      </div>
    </Panel>
  );
}

function HeldTable({ rows }: { rows: readonly HeldDelivery[] }) {
  const { t } = useSpeech();
  const columns: Column<HeldDelivery>[] = [
    {
      key: "fact",
      title: t("subscriptions.heldFact"),
      render: (row) => (
        <span className="subscription-name">
          <FactName name={row.fact} />
          {row.lastError && <span className="bad code subscription-error">{row.lastError}</span>}
          <span className="quiet code">{row.eventId}</span>
        </span>
      ),
    },
    { key: "position", title: t("subscriptions.position"), numeric: true, render: (row) => row.position.toString() },
    { key: "attempts", title: t("subscriptions.attempts"), numeric: true, render: (row) => t("subscriptions.times", { n: row.attempts }) },
    { key: "next", title: t("subscriptions.nextAttempt"), render: (row) => <NextAttempt row={row} /> },
  ];
  return <DataTable label={t("subscriptions.held")} columns={columns} rows={rows} rowKey={(row) => row.eventId} />;
}

function NextAttempt({ row }: { row: HeldDelivery }) {
  const { t, language } = useSpeech();
  const next = msOf(row.nextAttemptAt);
  if (row.parked) return <Mark tone="bad">{t("subscriptions.parked")}</Mark>;
  return next === undefined ? <span className="quiet">{t("subscriptions.behindAnother")}</span> : lately(next, language);
}
