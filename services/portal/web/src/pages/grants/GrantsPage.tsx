// Grants: an inbox of requests for those who decide, the own ones for those who ask; beside it why something may be seen or not.
import { Segmented } from "antd";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { useFactTitles } from "../../components/FactName.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice, StaleLine } from "../../components/Notice.tsx";
import { OrganizationFilter } from "../../components/OrganizationFilter.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { grantStatusTone, grantStatusWord } from "../../format/exchange.ts";
import { keyOf, organizationOf } from "../../format/organizations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Grant, GrantStatus } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { grants } from "../../rpc/exchange.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { GrantActions } from "./GrantActions.tsx";
import { RightsPanel } from "./RightsPanel.tsx";
import "../lists.css";
import "./grants.css";

type Show = "requested" | "approved" | "over" | "all";
const SHOWS: readonly Show[] = ["requested", "approved", "over", "all"];
const STATUSES: Record<Show, GrantStatus[]> = {
  requested: [GrantStatus.REQUESTED],
  approved: [GrantStatus.APPROVED],
  over: [GrantStatus.REFUSED, GrantStatus.EXPIRED, GrantStatus.REVOKED],
  all: [],
};
const POLL_MS = 10_000;
const SHOWN_FACTS = 3;

export default function GrantsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [query, setQuery] = useSearchParams();
  const organizations = useOrganizations("grant.read");
  usePageTitle(t("grants.title"));

  const decides = permits.holds("grant.decide");
  const readsAll = permits.allowsEverywhere("grant.read");
  const show = SHOWS.find((one) => one === query.get("show")) ?? (decides ? "requested" : "all");
  const grantee = query.get("organization") ?? (readsAll ? "" : (permits.organizationsOf("grant.read")[0] ?? ""));
  const readable = permits.holds("grant.read");
  const list = usePages(readable ? `grants:${grantee}:${show}` : undefined, async (pageToken, signal) => {
    const organization = organizationOf(grantee);
    const request = { ...(organization && { grantee: organization }), statuses: STATUSES[show], pageSize: 50, pageToken };
    const answer = await grants.listGrants(request, { signal });
    return { rows: answer.grants, nextPageToken: answer.nextPageToken };
  });
  const stale = useVisiblePoll(list.rows !== undefined, POLL_MS, list.refresh);
  if (!readable) return <Notice title={t("grants.noPost")} action={{ label: t("state.home"), to: "/" }} />;

  const change = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    setQuery(next, { replace: true });
  };
  const choices = readsAll ? [{ value: "", label: t("grants.everyOrganization") }, ...organizations] : organizations;
  return (
    <div className="page" data-testid="grants">
      <div className="page-head list-head">
        <h1>{t("grants.title")}</h1>
        <Segmented<Show> value={show} onChange={(value) => change("show", value)} options={SHOWS.map((value) => ({ value, label: t(`grants.${value}`) }))} />
        <a className="narrow-only" href="#rights">
          {t("rights.title")}
        </a>
        <div className="list-filters">
          <OrganizationFilter label={t("grants.organization")} value={grantee} onChange={(value) => change("organization", value)} options={choices} />
          {permits.holds("grant.request") && (
            <Link className="button button-primary" to="/grants/new" data-testid="request-grant">
              {t("grants.ask")}
            </Link>
          )}
        </div>
      </div>
      <StaleLine failure={stale} />
      <div className="grant-columns">
        <div className="stack">
          <PagedList list={list}>
            {(rows) =>
              rows.length === 0 ? (
                <div className="panel">
                  <EmptyNote>{t(`grants.empty.${show}`)}</EmptyNote>
                </div>
              ) : (
                <ul className="cards">
                  {rows.map((grant) => (
                    <GrantCard key={grant.grantId} grant={grant} onDone={list.reload} />
                  ))}
                </ul>
              )
            }
          </PagedList>
        </div>
        <div id="rights">
          <RightsPanel />
        </div>
      </div>
    </div>
  );
}

function GrantCard({ grant, onDone }: { grant: Grant; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { areaName, organizationName, actorName } = useReference();
  const factTitle = useFactTitles();
  const named = grant.facts.slice(0, SHOWN_FACTS).map((one) => factTitle(one.fact));
  const more = grant.facts.length - named.length;
  const until = msOf(grant.untilAt);
  return (
    <li className="panel card" data-testid={`grant-${grant.grantId}`} data-status={GrantStatus[grant.status].toLowerCase()}>
      <p className="row">
        <Mark tone={grantStatusTone[grant.status]}>{t(grantStatusWord[grant.status])}</Mark>
        <strong>{organizationName(keyOf(grant.grantee))}</strong>
        <span className="quiet">{areaName(grant.areaCode)}</span>
        {until !== undefined && <span className="card-clock quiet">{t("grants.untilShort", { time: dayAndMinute(until, language) })}</span>}
      </p>
      <h2 className="card-title">
        <Link to={`/grants/${grant.grantId}`}>{grant.purpose}</Link>
      </h2>
      <p>
        <span className="quiet">{t("grants.facts")} </span>
        {named.join(language === "zh" ? "、" : ", ")} {more > 0 && t("grants.moreFacts", { n: language === "zh" ? grant.facts.length : more })}
      </p>
      {grant.reason && <p className="prewrap">{t("grants.reason", { reason: grant.reason })}</p>}
      <p className="quiet">
        {t("grants.requestedBy")} {actorName(grant.requestedBy)} · {dayAndMinute(msOf(grant.requestedAt) ?? 0, language)}
      </p>
      {grant.status === GrantStatus.REQUESTED && <GrantActions grant={grant} onDone={onDone} />}
    </li>
  );
}
