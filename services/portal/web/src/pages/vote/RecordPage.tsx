// The public record of a ballot: downloaded, digested and counted again by the page itself, with how anybody does the same elsewhere.
import { Button, Input } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import type { WordKey } from "../../app/words/index.ts";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { agrees, type BallotRecord, type RecordedChoice, type RecordedElector, type RecordedOutcome, recountOf } from "../../format/ballotRecord.ts";
import { areaInWords, shareInWords } from "../../format/deliberation.ts";
import { type ReadRecord, readRecord, save } from "../../format/publicRecords.ts";
import { publicBallots } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { HowTo } from "./HowTo.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";

const OUTCOME: Record<RecordedOutcome, WordKey> = { adopted: "ballot.outcome.adopted", rejected: "ballot.outcome.rejected", no_quorum: "ballot.outcome.no_quorum" };
const VOTE: Record<RecordedChoice, WordKey> = { for: "vote.for", against: "vote.against", abstain: "vote.abstain" };
const STEPS = [1, 2, 3, 4, 5] as const;
const SHOWN = 100;

export default function RecordPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("record.title"));
  const query = useQuery(`record:${id}`, (signal) => readRecord<BallotRecord>(publicBallots.exportBallot({ ballotId: id }, { signal, timeoutMs: 60_000 })));
  return (
    <OpenFrame wide>
      <h1>{t("record.title")}</h1>
      <p>{t("record.intro")}</p>
      <PublicReading query={query} none={t("record.none")}>
        {(read) => <RecordView id={id} read={read} />}
      </PublicReading>
      <HowTo title={t("record.how")} steps={STEPS.map((step) => t(`record.how.${step}`))} />
      {query.data && !query.data.record.papers && <RollTable electors={query.data.record.electors} byArea={query.data.record.threshold.by_area} />}
    </OpenFrame>
  );
}

function RecordView({ id, read }: { id: string; read: ReadRecord<BallotRecord> }) {
  const { t, language } = useSpeech();
  const { record } = read;
  const counted = recountOf(record);
  const same = agrees(record, counted);
  const heads = (part: bigint, whole: bigint) => `${part} / ${whole}`;
  const areas = (part: bigint, whole: bigint) => `${areaInWords(part)} / ${areaInWords(whole)}`;
  const { quorum, approval, by_area: byArea } = record.threshold;
  return (
    <>
      <Panel title={t("record.recount")} aside={<Mark tone={same ? "good" : "bad"}>{t(same ? "record.agrees" : "record.differs")}</Mark>} testId="recount">
        <div className="stack">
          <p className="topic-question">{record.question}</p>
          <p>
            <strong data-testid="recounted-outcome">{t(OUTCOME[counted.outcome])}</strong>
          </p>
          <Pairs>
            <Pair name={t("ballot.turnoutHeads")}>
              {heads(counted.part_heads, counted.total_heads)} <span className="quiet">{shareInWords(quorum, language)}</span>
            </Pair>
            <Pair name={t("ballot.forHeads")}>
              {heads(counted.for_heads, counted.part_heads)} <span className="quiet">{shareInWords(approval, language)}</span>
            </Pair>
            {byArea && <Pair name={t("ballot.turnoutArea")}>{areas(counted.part_area, counted.total_area)}</Pair>}
            {byArea && <Pair name={t("ballot.forArea")}>{areas(counted.for_area, counted.part_area)}</Pair>}
            <Pair name={t("ballot.source")} width="all">
              {record.threshold.source} <span className="quiet">{t("ballot.since", { rule: record.threshold.rule, day: record.threshold.since })}</span>
            </Pair>
          </Pairs>
        </div>
      </Panel>
      <Panel title={t("ballot.record")}>
        <div className="stack">
          {read.digest ? <Hex name={t("record.digestHere")} value={read.digest} /> : <p className="quiet">{t("record.noDigest")}</p>}
          <Button onClick={() => save(read.bytes, `ballot-${id}.json`)} data-testid="download-record">
            {t("record.download")}
          </Button>
        </div>
      </Panel>
    </>
  );
}

function RollTable({ electors, byArea }: { electors: readonly RecordedElector[]; byArea: boolean }) {
  const { t } = useSpeech();
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(SHOWN);
  const found = electors.filter((elector) => wanted.trim() === "" || String(elector.number) === wanted.trim());
  const columns: Column<RecordedElector>[] = [
    { key: "number", title: t("record.number"), render: (row) => row.number },
    ...(byArea ? [{ key: "area", title: t("record.area"), numeric: true, render: (row: RecordedElector) => areaInWords(BigInt(row.area)) }] : []),
    { key: "choice", title: t("record.choice"), render: (row) => (row.choice ? t(VOTE[row.choice]) : <span className="quiet">–</span>) },
  ];
  return (
    <Panel title={t("record.roll")} aside={<Input inputMode="numeric" placeholder={t("record.find")} aria-label={t("record.find")} value={wanted} onChange={(event) => setWanted(event.target.value)} />}>
      <div className="stack">
        <DataTable label={t("record.roll")} columns={columns} rows={found.slice(0, shown)} rowKey={(row) => String(row.number)} />
        {found.length > shown && <Button onClick={() => setShown(shown + SHOWN)}>{t("state.more")}</Button>}
      </div>
    </Panel>
  );
}
