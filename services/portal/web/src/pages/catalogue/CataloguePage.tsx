// The catalogue of facts: what may happen in the district, by service, found by word and classification.
import { Input, Segmented } from "antd";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { knownKey } from "../../app/words/index.ts";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { titleOf } from "../../components/FactName.tsx";
import { EmptyNote, ErrorNotice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { classificationNote, classificationWord } from "../../format/exchange.ts";
import { byService, factMatches } from "../../format/facts.ts";
import { Classification } from "../../gen/gongzhi/event/v1/event_pb.ts";
import type { CatalogueFact } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { useCatalogue } from "../../rpc/useCatalogue.ts";
import { AsyncApiButton } from "./AsyncApiButton.tsx";
import { ClassificationMark } from "./ClassificationMark.tsx";
import "../lists.css";
import "./catalogue.css";

const LEVELS = [Classification.OPEN, Classification.SHARED, Classification.RESTRICTED];

export default function CataloguePage() {
  const { t } = useSpeech();
  usePageTitle(t("catalogue.title"));
  const [query, setQuery] = useSearchParams();
  const facts = useCatalogue();
  const search = query.get("q") ?? "";
  const level = LEVELS.find((one) => String(one) === query.get("level")) ?? Classification.UNSPECIFIED;
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    if (value) next.set(name, value);
    else next.delete(name);
    setQuery(next, { replace: true });
  };

  const all = facts.data;
  const found = all?.filter((fact) => factMatches(fact, search) && (level === Classification.UNSPECIFIED || fact.classification === level)) ?? [];
  return (
    <div className="page" data-testid="catalogue">
      <div className="page-head list-head">
        <h1>{t("catalogue.title")}</h1>
        {all && (
          <span className="quiet" role="status" data-testid="catalogue-count">
            {found.length === all.length ? t("catalogue.count", { n: all.length }) : t("catalogue.found", { n: found.length, all: all.length })}
          </span>
        )}
        <div className="list-filters">
          <AsyncApiButton />
        </div>
        <p className="quiet catalogue-note">{t("catalogue.note")}</p>
      </div>
      <div className="catalogue-filters">
        <Input allowClear value={search} onChange={(event) => change("q", event.target.value)} placeholder={t("catalogue.search")} aria-label={t("catalogue.search")} data-testid="catalogue-search" />
        <Segmented<Classification>
          value={level}
          onChange={(value) => change("level", value === Classification.UNSPECIFIED ? "" : String(value))}
          options={[{ value: Classification.UNSPECIFIED, label: t("state.all") }, ...LEVELS.map((value) => ({ value, label: t(classificationWord[value]) }))]}
        />
        {level !== Classification.UNSPECIFIED && <p className="quiet">{t(classificationNote[level])}</p>}
      </div>
      {!all && (facts.failure ? <ErrorNotice failure={facts.failure} onRetry={facts.reload} /> : <PageSkeleton blocks={3} />)}
      {all && found.length === 0 && (
        <div className="panel">
          <EmptyNote>{t("catalogue.empty")}</EmptyNote>
        </div>
      )}
      {byService(found).map((group) => (
        <ServicePanel key={group.service} service={group.service} facts={group.facts} />
      ))}
    </div>
  );
}

function ServicePanel({ service, facts }: { service: string; facts: readonly CatalogueFact[] }) {
  const { t, language } = useSpeech();
  const word = knownKey(`service.${service}`);
  const title = word ? t(word) : service;
  const columns: Column<CatalogueFact>[] = [
    {
      key: "fact",
      title: t("catalogue.fact"),
      render: (fact) => (
        <span className="catalogue-fact">
          <Link to={`/catalogue/${encodeURIComponent(fact.fact)}`}>{titleOf(fact, language)}</Link>
          <span className="quiet code">{fact.fact}</span>
        </span>
      ),
    },
    { key: "classification", title: t("catalogue.classification"), render: (fact) => <ClassificationMark of={fact.classification} /> },
    {
      key: "meaning",
      title: t("catalogue.meaning"),
      wideOnly: true,
      // The contract says what facts mean in English only.
      render: (fact) => (
        <span lang="en" className="catalogue-meaning">
          {fact.description}
        </span>
      ),
    },
    { key: "retention", title: t("catalogue.retention"), numeric: true, render: (fact) => t("catalogue.days", { n: fact.retentionDays }) },
  ];
  return (
    <Panel title={title} note={t("catalogue.count", { n: facts.length })} className="catalogue-service">
      <DataTable label={title} columns={columns} rows={facts} rowKey={(fact) => fact.fact} rowTestId={(fact) => `fact-${fact.fact}`} />
    </Panel>
  );
}
