// One fact of the catalogue: what it means, its fields, a sample, its schemas and its contract.
import { Segmented } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { CodePanel } from "../../components/CodeBlock.tsx";
import { CopyButton } from "../../components/CopyButton.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { titleOf } from "../../components/FactName.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { classificationNote } from "../../format/exchange.ts";
import { choicesOf, prettyJson, shortType } from "../../format/facts.ts";
import type { CatalogueFact, CatalogueField, GetFactResponse } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { useFacts } from "../../rpc/useCatalogue.ts";
import { AsyncApiButton } from "./AsyncApiButton.tsx";
import { ClassificationMark } from "./ClassificationMark.tsx";
import "../lists.css";
import "./catalogue.css";

export default function FactPage() {
  const { fact: name = "" } = useParams();
  const { t, language } = useSpeech();
  const read = useFacts([name]);
  const found = read.data?.[0];
  const fact = found?.fact;
  usePageTitle(fact && titleOf(fact, language));

  if (!found || !fact) return read.failure ? <Unreadable failure={read.failure} onRetry={read.reload} back={{ label: t("catalogue.back"), to: "/catalogue" }} /> : <PageSkeleton blocks={3} />;
  return (
    <div className="page" data-testid="fact-page">
      <FactHeading fact={fact} />
      <Panel title={t("catalogue.fields")} note={t("catalogue.filterableNote")} testId="fact-fields">
        <FieldTable found={found} />
      </Panel>
      <CodePanel title={t("catalogue.sample")} text={prettyJson(found.sample)} open testId="fact-sample" />
      <SchemaPanel found={found} />
      <CodePanel title={t("catalogue.proto")} text={found.proto} testId="fact-proto" />
    </div>
  );
}

function FactHeading({ fact }: { fact: CatalogueFact }) {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const other = titleOf(fact, language === "zh" ? "en" : "zh");
  const about = `?fact=${encodeURIComponent(fact.fact)}`;
  return (
    <div className="panel">
      <div className="panel-body stack">
        <Link className="back" to="/catalogue">
          {t("catalogue.back")}
        </Link>
        <div className="page-head">
          <div className="row">
            <h1>{titleOf(fact, language)}</h1>
            <span className="quiet" lang={language === "zh" ? "en" : "zh"}>
              {other}
            </span>
            <ClassificationMark of={fact.classification} />
          </div>
          <p className="row">
            <span className="code" data-testid="fact-name">
              {fact.fact}
            </span>
            <CopyButton text={fact.fact} of={fact.fact} />
          </p>
        </div>
        <p lang="en" className="catalogue-meaning">
          {fact.description}
        </p>
        <Pairs>
          <Pair name={t("catalogue.classification")} width="all">
            {t(classificationNote[fact.classification])}
          </Pair>
          <Pair name={t("catalogue.aggregate")}>
            <span className="code">{fact.aggregate}</span>
          </Pair>
          <Pair name={t("catalogue.retention")}>{t("catalogue.days", { n: fact.retentionDays })}</Pair>
        </Pairs>
        <div className="row">
          {permits.holds("grant.request") && (
            <Link className="button button-primary" to={`/grants/new${about}`} data-testid="ask-grant">
              {t("catalogue.askGrant")}
            </Link>
          )}
          {permits.holds("subscription.manage") && (
            <Link className="button" to={`/subscriptions/new${about}`}>
              {t("catalogue.subscribe")}
            </Link>
          )}
          <AsyncApiButton />
        </div>
      </div>
    </div>
  );
}

function FieldTable({ found }: { found: GetFactResponse }) {
  const { t } = useSpeech();
  const choices = choicesOf(found.dataSchema);
  if (found.fields.length === 0) return <EmptyNote>{t("catalogue.fieldsEmpty")}</EmptyNote>;
  const columns: Column<CatalogueField>[] = [
    {
      key: "name",
      title: t("catalogue.field"),
      render: (field) => (
        <span className="row">
          <span className="code field-name">{field.name}</span>
          {field.filterable && <Mark tone="active">{t("catalogue.filterable")}</Mark>}
        </span>
      ),
    },
    {
      key: "type",
      title: t("catalogue.type"),
      render: (field) => (
        <span className="code" title={field.type}>
          {shortType(field.type)}
        </span>
      ),
    },
    {
      key: "meaning",
      title: t("catalogue.meaning"),
      render: (field) => (
        <span className="catalogue-meaning">
          <span lang="en">{field.description}</span>
          {choices.has(field.jsonName) && <span className="quiet code choices-list">{choices.get(field.jsonName)?.join(" · ")}</span>}
        </span>
      ),
    },
  ];
  return (
    <div className="field-table">
      <DataTable label={t("catalogue.fields")} columns={columns} rows={found.fields} rowKey={(field) => field.name} />
    </div>
  );
}

function SchemaPanel({ found }: { found: GetFactResponse }) {
  const { t } = useSpeech();
  const [which, setWhich] = useState<"data" | "event">("data");
  const choice = (
    <Segmented<"data" | "event">
      value={which}
      onChange={setWhich}
      options={[
        { value: "data", label: t("catalogue.dataSchema") },
        { value: "event", label: t("catalogue.eventSchema") },
      ]}
    />
  );
  const text = prettyJson(which === "data" ? found.dataSchema : found.eventSchema);
  return <CodePanel title={t("catalogue.schema")} text={text} aside={choice} testId="fact-schema" />;
}
