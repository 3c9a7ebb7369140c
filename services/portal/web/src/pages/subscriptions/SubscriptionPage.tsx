// One subscription: how far it is, what it is about, how it is delivered, what waits, and what may be done with it.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { type SubscriptionTarget, subscriptionSpecs } from "../../actions/exchangeSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { FactName } from "../../components/FactName.tsx";
import { FlashNumber } from "../../components/FlashNumber.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { subscriptionStatusTone, subscriptionStatusWord } from "../../format/exchange.ts";
import { keyOf } from "../../format/organizations.ts";
import { dayAndMinute, lately, msOf } from "../../format/times.ts";
import { DeliveryWay, type Subscription, SubscriptionStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { DeliveryPanel } from "./DeliveryPanel.tsx";
import { HeldPanel } from "./HeldPanel.tsx";
import { heldInWords, lagInWords } from "./lag.ts";
import { useSubscription } from "./useSubscription.ts";
import "./subscriptions.css";

export default function SubscriptionPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { query, stale } = useSubscription(id);
  const found = query.data;
  usePageTitle(found?.name);

  if (!found) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("subscriptions.back"), to: "/subscriptions" }} /> : <PageSkeleton blocks={3} />;
  return (
    <div className="page" data-testid="subscription-page" data-status={SubscriptionStatus[found.status].toLowerCase()}>
      <StaleLine failure={stale} />
      <Heading found={found} onDone={query.reload} />
      <ProgressPanel found={found} />
      <div className="subscription-columns">
        <FilterPanel found={found} />
        <DeliveryPanel found={found} />
      </div>
      {found.way === DeliveryWay.WEBHOOK && <HeldPanel found={found} onRetried={query.reload} />}
    </div>
  );
}

function Heading({ found, onDone }: { found: Subscription; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { organizationName } = useReference();
  const { permits } = usePerson();
  const owner = keyOf(found.organization);
  const target = { subscriptionId: found.subscriptionId };
  const choices: Choice<SubscriptionTarget>[] = [];
  if (found.status !== SubscriptionStatus.ENDED) {
    if (permits.allowsFor("subscription.operate", owner)) {
      if (found.status === SubscriptionStatus.PAUSED) choices.push({ rpc: "ResumeSubscription", spec: subscriptionSpecs.ResumeSubscription, target });
      else choices.push({ rpc: "PauseSubscription", spec: subscriptionSpecs.PauseSubscription, target });
    }
    if (permits.allowsFor("subscription.manage", owner)) choices.push({ rpc: "RewindSubscription", spec: subscriptionSpecs.RewindSubscription, target });
    if (permits.allowsFor("subscription.operate", owner)) choices.push({ rpc: "EndSubscription", spec: subscriptionSpecs.EndSubscription, target });
  }
  return (
    <div className="panel">
      <div className="panel-body stack">
        <Link className="back" to="/subscriptions">
          {t("subscriptions.back")}
        </Link>
        <div className="row">
          <h1>{found.name}</h1>
          <Mark tone={subscriptionStatusTone[found.status]}>{t(subscriptionStatusWord[found.status])}</Mark>
        </div>
        {found.reason && <p className="prewrap">{t("subscriptions.reason", { reason: found.reason })}</p>}
        <Pairs>
          <Pair name={t("grants.organization")}>{organizationName(owner)}</Pair>
          <Pair name={t("subscriptions.basis")}>
            {found.grantId ? (
              <>
                {t("subscriptions.underGrant")} · <Link to={`/grants/${found.grantId}`}>{t("subscriptions.toGrant")}</Link>
              </>
            ) : (
              t("subscriptions.defaultRights")
            )}
          </Pair>
          <Pair name={t("subscriptions.made")}>{dayAndMinute(msOf(found.subscribedAt) ?? 0, language)}</Pair>
          <Pair name={t("subscriptions.id")} width="two">
            <span className="code">{found.subscriptionId}</span> <CopyButton text={found.subscriptionId} of={t("subscriptions.id")} />
          </Pair>
        </Pairs>
        <ChoiceBar choices={choices} onDone={onDone} first={choices.find((choice) => choice.rpc === "ResumeSubscription")} />
      </div>
    </div>
  );
}

function ProgressPanel({ found }: { found: Subscription }) {
  const { t, language } = useSpeech();
  const progress = found.progress;
  const last = msOf(progress?.lastDeliveredAt);
  const errorAt = msOf(progress?.lastErrorAt);
  return (
    <Panel title={t("subscriptions.progress")} testId="subscription-progress">
      <div className="stack">
        <Pairs>
          <Pair name={t("subscriptions.lag")} testId="subscription-lag">
            <strong>{lagInWords(progress, language)}</strong>
          </Pair>
          <Pair name={t("subscriptions.position")}>
            <FlashNumber value={progress?.position ?? 0n} /> <span className="quiet">/ {(progress?.newestPosition ?? 0n).toString()}</span>
          </Pair>
          <Pair name={t("subscriptions.delivered")}>
            <FlashNumber value={progress?.delivered ?? 0n} testId="subscription-delivered" />
          </Pair>
          <Pair name={t("subscriptions.lastDelivered")}>{last === undefined ? <span className="quiet">{t("subscriptions.never")}</span> : lately(last, language)}</Pair>
          <Pair name={t("subscriptions.waiting")}>
            <span className={progress && progress.parked > 0n ? "bad" : ""}>{heldInWords(progress, language)}</span>
          </Pair>
        </Pairs>
        {progress?.lastError && (
          <p className="subscription-fault">
            <strong>{t("subscriptions.lastError")}</strong> {errorAt !== undefined && <span>{lately(errorAt, language)} </span>}
            <span className="code">{progress.lastError}</span>
          </p>
        )}
      </div>
    </Panel>
  );
}

function FilterPanel({ found }: { found: Subscription }) {
  const { t, language } = useSpeech();
  const { areaName, departmentName } = useReference();
  const filter = found.filter;
  const comma = language === "zh" ? "、" : ", ";
  const audience = (code: string) => (code === "all" ? t("subscriptions.audienceAll") : departmentName(code));
  return (
    <Panel title={t("subscriptions.filter")}>
      <dl className="filter-pairs">
        <Pair name={t("subscriptions.facts")}>
          {filter?.facts.length ? (
            <ul>
              {filter.facts.map((name) => (
                <li key={name}>
                  <FactName name={name} />
                </li>
              ))}
            </ul>
          ) : (
            t("subscriptions.allFacts")
          )}
        </Pair>
        <Pair name={t("subscriptions.areas")}>{filter?.areaCodes.map(areaName).join(comma) || t("subscriptions.widest")}</Pair>
        <Pair name={t("subscriptions.audiences")}>{filter?.audiences.map(audience).join(comma) || t("subscriptions.everyAudience")}</Pair>
        <Pair name={t("subscriptions.condition")}>{filter?.condition ? <span className="code">{filter.condition}</span> : t("subscriptions.noCondition")}</Pair>
      </dl>
    </Panel>
  );
}
