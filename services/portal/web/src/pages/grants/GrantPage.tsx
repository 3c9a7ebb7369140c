// One grant: who may know what, where and until when, who asked and who decided.
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import type { WordKey } from "../../app/words/index.ts";
import { FactName } from "../../components/FactName.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { grantStatusTone, grantStatusWord } from "../../format/exchange.ts";
import { keyOf } from "../../format/organizations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Grant, type GrantedFact, GrantStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { grants } from "../../rpc/exchange.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { GrantActions } from "./GrantActions.tsx";
import "./grants.css";

const POLL_MS = 5000;

export default function GrantPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { organizationName } = useReference();
  const read = async (signal: AbortSignal) => (await grants.getGrant({ grantId: id }, { signal })).grant;
  const query = useQuery(`grant:${id}`, read);
  const grant = query.data;
  const alive = grant?.status === GrantStatus.REQUESTED || grant?.status === GrantStatus.APPROVED;
  const stale = useVisiblePoll(alive, POLL_MS, async (signal) => query.replace(await read(signal)));
  usePageTitle(grant && `${t("grants.title")} · ${organizationName(keyOf(grant.grantee))}`);

  if (!grant) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("grants.back"), to: "/grants" }} /> : <PageSkeleton blocks={2} />;
  return (
    <div className="page page-narrow" data-testid="grant-page" data-status={GrantStatus[grant.status].toLowerCase()}>
      <StaleLine failure={stale} />
      <GrantHeading grant={grant} onDone={query.reload} />
      <Panel title={t("grants.coverage")} testId="grant-facts">
        <ul className="grant-facts">
          {grant.facts.map((one) => (
            <CoveredFact key={one.fact} covered={one} />
          ))}
        </ul>
      </Panel>
    </div>
  );
}

const DECIDED: Record<GrantStatus, WordKey> = {
  [GrantStatus.UNSPECIFIED]: "grants.decidedBy",
  [GrantStatus.REQUESTED]: "grants.decidedBy",
  [GrantStatus.APPROVED]: "grants.decidedBy",
  [GrantStatus.REFUSED]: "grants.decidedBy",
  [GrantStatus.EXPIRED]: "grants.expiredAt",
  [GrantStatus.REVOKED]: "grants.revokedBy",
};

function GrantHeading({ grant, onDone }: { grant: Grant; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { areaName, organizationName, actorName } = useReference();
  const { permits } = usePerson();
  const grantee = keyOf(grant.grantee);
  const when = (ms: number | undefined) => (ms === undefined ? "–" : dayAndMinute(ms, language));
  const decidedAt = msOf(grant.decidedAt);
  const mayDecide = permits.allows("grant.decide", grant.areaCode);
  return (
    <div className="panel">
      <div className="panel-body stack">
        <Link className="back" to="/grants">
          {t("grants.back")}
        </Link>
        <div className="row">
          <h1>{organizationName(grantee)}</h1>
          <Mark tone={grantStatusTone[grant.status]}>{t(grantStatusWord[grant.status])}</Mark>
        </div>
        <p className="prewrap grant-purpose">
          <span className="quiet">{t("grants.purpose")} </span>
          {grant.purpose}
        </p>
        {grant.reason && <p className="prewrap grant-reason">{t("grants.reason", { reason: grant.reason })}</p>}
        <Pairs>
          <Pair name={t("grants.area")}>{areaName(grant.areaCode)}</Pair>
          <Pair name={t("grants.until")}>{when(msOf(grant.untilAt))}</Pair>
          <Pair name={t("grants.requestedBy")}>
            {actorName(grant.requestedBy)} · {when(msOf(grant.requestedAt))}
          </Pair>
          {decidedAt !== undefined && (
            <Pair name={t(DECIDED[grant.status])}>
              {grant.decidedBy && `${actorName(grant.decidedBy)} · `}
              {when(decidedAt)}
            </Pair>
          )}
        </Pairs>
        {grant.status === GrantStatus.REQUESTED && !mayDecide && <p className="quiet">{t("grants.waiting")}</p>}
        <GrantActions grant={grant} onDone={onDone} leading />
        {grant.status === GrantStatus.APPROVED && permits.allowsFor("subscription.manage", grantee) && (
          <Link className="button button-primary grant-subscribe" to={`/subscriptions/new?grant=${grant.grantId}&organization=${encodeURIComponent(grantee)}`}>
            {t("grants.subscribe")}
          </Link>
        )}
      </div>
    </div>
  );
}

function CoveredFact({ covered }: { covered: GrantedFact }) {
  const { t } = useSpeech();
  return (
    <li>
      <FactName name={covered.fact} />
      {covered.fields.length === 0 ? (
        <span className="quiet">{t("grants.allFields")}</span>
      ) : (
        <span>
          <span className="quiet">{t("grants.fieldsOf", { n: covered.fields.length })} </span>
          <span className="code">{covered.fields.join(", ")}</span>
        </span>
      )}
    </li>
  );
}
