// The public page of a draw by lot: what was published before, the number, the panel that the page recomputes, and how anybody does the same.
import { Button } from "antd";
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, ErrorNotice, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { type DrawRecord, panelOf } from "../../format/drawRecord.ts";
import { digestOf, type ReadRecord, readRecord, save } from "../../format/publicRecords.ts";
import { publicPools } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import "../topics/topics.css";

type Read = ReadRecord<DrawRecord> & { ticketsDigest: string | undefined };

const STEPS = [1, 2, 3, 4] as const;

export default function DrawPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("draw.title"));
  const query = useQuery(`draw:${id}`, async (signal): Promise<Read> => {
    const read = await readRecord<DrawRecord>(publicPools.exportDraw({ poolId: id }, { signal, timeoutMs: 60_000 }));
    return { ...read, ticketsDigest: await digestOf(new TextEncoder().encode(read.record.tickets)) };
  });
  const missing = query.failure?.kind === "missing" || query.failure?.kind === "refused" || query.failure?.kind === "invalid";
  return (
    <OpenFrame wide>
      <h1>{t("draw.title")}</h1>
      <p>{t("draw.intro")}</p>
      {query.failure && (missing ? <Notice title={t("draw.none")} /> : <ErrorNotice failure={query.failure} onRetry={query.reload} />)}
      {!query.failure && !query.data && <PageSkeleton blocks={2} />}
      {query.data && <DrawView id={id} read={query.data} />}
      <Panel title={t("draw.how")}>
        <ol className="how">
          {STEPS.map((step) => (
            <li key={step}>
              <span>{t(`draw.how.${step}`)}</span>
            </li>
          ))}
        </ol>
      </Panel>
    </OpenFrame>
  );
}

function DrawView({ id, read }: { id: string; read: Read }) {
  const { t } = useSpeech();
  const { record } = read;
  const counted = panelOf(record, record.draw?.number ?? "0");
  return (
    <>
      <Panel title={t("draw.before")}>
        <div className="stack">
          <Pairs>
            <Pair name={t("draw.source")} width="two">
              {record.draw_source}
            </Pair>
            <Pair name={t("draw.seats")}>{record.seats}</Pair>
            <Pair name={t("draw.volunteers")}>{record.volunteers.length}</Pair>
            <Pair name={t("draw.tickets")}>{counted?.count ?? 0}</Pair>
          </Pairs>
          <Hex name={t("draw.digest")} value={record.tickets_sha256} />
          {read.ticketsDigest ? <Hex name={t("draw.digestHere")} value={read.ticketsDigest} /> : <p className="quiet">{t("record.noDigest")}</p>}
          <Button onClick={() => save(read.bytes, `draw-${id}.json`)}>{t("record.download")}</Button>
        </div>
      </Panel>
      <DrawnPanel read={read} />
      <Mix record={record} />
    </>
  );
}

function DrawnPanel({ read }: { read: Read }) {
  const { t } = useSpeech();
  const { draw, tickets_sha256: published } = read.record;
  const counted = draw ? panelOf(read.record, draw.number) : undefined;
  if (!draw) {
    return (
      <Panel title={t("draw.number")}>
        <EmptyNote>{t("draw.pending")}</EmptyNote>
      </Panel>
    );
  }
  const sameTickets = read.ticketsDigest === undefined || read.ticketsDigest === published;
  const same = sameTickets && counted?.ticket === draw.ticket && counted.panel.join() === [...draw.panel].sort((a, b) => a - b).join();
  return (
    <Panel title={t("draw.panel")} aside={<Mark tone={same ? "good" : "bad"}>{t(same ? "draw.agrees" : "draw.differs")}</Mark>} testId="drawn-panel">
      <div className="stack">
        {counted && <p className="lot-formula">{t("draw.formula", { number: draw.number, count: counted.count, ticket: counted.ticket })}</p>}
        <ul className="row">
          {draw.panel.map((number) => (
            <li key={number}>
              <Mark tone="active">{number}</Mark>
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

interface FeatureRow {
  key: string;
  category: string;
  feature: string;
  min: number;
  max: number;
  members: number | null;
}

function Mix({ record }: { record: DrawRecord }) {
  const { t } = useSpeech();
  const rows = record.categories.flatMap((category): FeatureRow[] => category.features.map((one) => ({ ...one, key: `${category.name}/${one.feature}`, category: category.name })));
  const columns: Column<FeatureRow>[] = [
    {
      key: "feature",
      title: t("draw.feature"),
      render: (row) => (
        <>
          <span className="quiet">{row.category}</span> {row.feature}
        </>
      ),
    },
    { key: "quota", title: t("draw.quota"), numeric: true, render: (row) => `${row.min}–${row.max}` },
    { key: "members", title: t("draw.members"), numeric: true, render: (row) => row.members ?? "–" },
  ];
  return (
    <Panel title={t("draw.mix")}>
      <DataTable label={t("draw.mix")} columns={columns} rows={rows} rowKey={(row) => row.key} />
    </Panel>
  );
}
