// The cases of an area, newest first, by phase, category and lateness.
import { Button, Select, Switch } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { ClockPhrase } from "../../components/ClockLine.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, ErrorNotice, FailureLine, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { nearestClock } from "../../format/clocks.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { casePhaseTone, casePhaseWord } from "../../format/vocabulary.ts";
import { type Case, CasePhase, Urgency } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases } from "../../rpc/clients.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import "../lists.css";

const PHASES = [
  CasePhase.REGISTERED,
  CasePhase.HANDLING,
  CasePhase.CONSULTING,
  CasePhase.WHISTLED,
  CasePhase.SETTLED,
  CasePhase.FOLLOWING_UP,
  CasePhase.CLOSED,
  CasePhase.VOID,
];

interface Filters {
  area: string;
  phase: CasePhase;
  category: string;
  overdue: boolean;
}

export default function CasesPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("case.read")[0] ?? "";
  const filters: Filters = {
    area: query.get("area") || own,
    phase: PHASES.find((phase) => String(phase) === query.get("phase")) ?? CasePhase.UNSPECIFIED,
    category: query.get("category") ?? "",
    overdue: query.get("overdue") === "1",
  };
  usePageTitle(t("cases.title", { area: areaName(filters.area) }));
  if (own === "") return <Notice title={t("failure.forbidden")} action={{ label: t("state.home"), to: "/" }} />;

  const change = (part: Partial<Filters>) => {
    const next = { ...filters, ...part };
    const entries: [string, string][] = [["area", next.area]];
    if (next.phase !== CasePhase.UNSPECIFIED) entries.push(["phase", String(next.phase)]);
    if (next.category) entries.push(["category", next.category]);
    if (next.overdue) entries.push(["overdue", "1"]);
    setQuery(entries, { replace: true });
  };
  return (
    <div className="page" data-testid="cases">
      <div className="page-head list-head">
        <h1>{t("cases.title", { area: areaName(filters.area) })}</h1>
        <FilterBar filters={filters} onChange={change} />
      </div>
      <CaseList key={query.toString()} filters={filters} />
    </div>
  );
}

function FilterBar({ filters, onChange }: { filters: Filters; onChange: (part: Partial<Filters>) => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { divisions, areaName, categories, categoryName } = useReference();
  const areas = [...new Set([filters.area, ...divisions.keys()])].filter((code) => permits.allows("case.read", code)).sort();
  return (
    <div className="list-filters">
      <Select aria-label={t("cases.area")} value={filters.area} onChange={(area) => onChange({ area })} showSearch={{ optionFilterProp: "label" }} popupMatchSelectWidth={false} options={areas.map((value) => ({ value, label: areaName(value) }))} />
      <Select
        aria-label={t("cases.phase")}
        value={filters.phase}
        onChange={(phase) => onChange({ phase })}
        options={[{ value: CasePhase.UNSPECIFIED, label: t("cases.allPhases") }, ...PHASES.map((value) => ({ value, label: t(casePhaseWord[value]) }))]}
      />
      <Select
        aria-label={t("cases.category")}
        value={filters.category}
        onChange={(category) => onChange({ category })}
        showSearch={{ optionFilterProp: "label" }}
        popupMatchSelectWidth={false}
        options={[{ value: "", label: t("cases.allCategories") }, ...categories.map((one) => ({ value: one.categoryCode, label: categoryName(one.categoryCode) }))]}
      />
      <label className="row">
        <Switch size="small" checked={filters.overdue} onChange={(overdue) => onChange({ overdue })} />
        {t("cases.overdueOnly")}
      </label>
    </div>
  );
}

function CaseList({ filters }: { filters: Filters }) {
  const { t } = useSpeech();
  const [pages, setPages] = useState(1);
  const list = useQuery(`cases:${JSON.stringify(filters)}:${pages}`, (signal) => readCases(filters, pages, signal));
  const last = useLastSeen(list.data);
  const shown = list.data ?? last;
  if (!shown) return list.failure ? <ErrorNotice failure={list.failure} onRetry={list.reload} /> : <PageSkeleton blocks={2} />;
  return (
    <>
      {list.failure && <FailureLine failure={list.failure} onRetry={list.reload} />}
      <div className="panel">
        <div className="panel-body">{shown.cases.length === 0 ? <EmptyNote>{t("cases.empty")}</EmptyNote> : <CaseTable rows={shown.cases} />}</div>
      </div>
      {shown.hasMore && (
        <Button onClick={() => setPages((n) => n + 1)} loading={list.loading}>
          {t("state.more")}
        </Button>
      )}
    </>
  );
}

function CaseTable({ rows }: { rows: readonly Case[] }) {
  const { t, language } = useSpeech();
  const { areaName, categoryName } = useReference();
  const columns: Column<Case>[] = [
    {
      key: "case",
      title: t("cases.case"),
      render: (row) => (
        <span className="cases-title">
          <Link to={`/case/${row.caseId}`}>{row.title}</Link> {row.urgency === Urgency.URGENT && <Mark tone="bad">{t("case.urgent")}</Mark>}
          <br />
          <span className="quiet">{row.caseNumber}</span>
        </span>
      ),
    },
    { key: "phase", title: t("cases.phase"), render: (row) => <Mark tone={casePhaseTone[row.phase]}>{t(casePhaseWord[row.phase])}</Mark> },
    { key: "category", title: t("cases.category"), wideOnly: true, render: (row) => categoryName(row.categoryCode) },
    { key: "where", title: t("cases.where"), render: (row) => areaName(row.place?.areaCode.slice(0, 12) ?? "") },
    { key: "clock", title: t("cases.nearest"), render: (row) => <NextClock row={row} /> },
    { key: "registered", title: t("case.registeredAt"), wideOnly: true, render: (row) => dayAndMinute(msOf(row.registeredAt) ?? 0, language) },
  ];
  return <DataTable label={t("nav.cases")} columns={columns} rows={rows} rowKey={(row) => row.caseId} rowTestId={(row) => `case-row-${row.caseId}`} />;
}

function NextClock({ row }: { row: Case }) {
  const nearest = nearestClock(row.clocks);
  return nearest ? <ClockPhrase clock={nearest} suspension={row.suspension} /> : <span className="quiet">–</span>;
}

interface CasePages {
  cases: Case[];
  hasMore: boolean;
}

/** Keeps the rows on the screen while the next page is read. */
function useLastSeen(pages: CasePages | undefined): CasePages | undefined {
  const [last, setLast] = useState(pages);
  if (pages && pages !== last) setLast(pages);
  return last;
}

async function readCases(filters: Filters, pages: number, signal: AbortSignal): Promise<CasePages> {
  const found: Case[] = [];
  let pageToken = "";
  for (let page = 0; page < pages; page += 1) {
    const phases = filters.phase === CasePhase.UNSPECIFIED ? [] : [filters.phase];
    const request = { areaCode: filters.area, phases, categoryCode: filters.category, overdueOnly: filters.overdue, pageSize: 50, pageToken };
    const answer = await cases.listCases(request, { signal });
    found.push(...answer.cases);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { cases: found, hasMore: pageToken !== "" };
}
