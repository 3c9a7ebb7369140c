// The public record of a fund: digested, its ballots counted and its money checked by the page itself, with how anybody does the same elsewhere.
import { Button } from "antd";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import type { WordKey } from "../../app/words/index.ts";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { exactOf, yuanInWords } from "../../format/exact.ts";
import { checkFund, type FundCheck, type FundRecord, isSound, type RecordedProject } from "../../format/fundRecord.ts";
import { type ReadRecord, readRecord, save } from "../../format/publicRecords.ts";
import { publicFunds } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { Figure } from "../funds/OutcomePanel.tsx";
import { HowTo } from "./HowTo.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";
import "../funds/funds.css";

const STEPS = [1, 2, 3, 4, 5] as const;
const LOST: Record<string, WordKey> = {
  withdrawn: "fund.lost.withdrawn",
  same_group: "fund.lost.same_group",
  no_supporters: "fund.lost.no_supporters",
  too_little_left: "fund.lost.too_little_left",
  over_budget: "fund.lost.over_budget",
  ended: "fund.lost.ended",
};

type Read = ReadRecord<FundRecord> & { check: FundCheck; published: string };

export default function FundRecordPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("fundRecord.title"));
  const query = useQuery(`fund-record:${id}`, async (signal): Promise<Read> => {
    const read = await readRecord<FundRecord>(publicFunds.exportFund({ fundId: id }, { signal, timeoutMs: 60_000 }));
    const { notice } = await publicFunds.getFundNotice({ fundId: id }, { signal });
    return { ...read, check: checkFund(read.record), published: notice?.recordSha256 ?? "" };
  });
  const command = query.data?.record.compute ?? "gongzhi compute budget";
  return (
    <OpenFrame wide>
      <h1>{t("fundRecord.title")}</h1>
      <p>{t("fundRecord.intro")}</p>
      <PublicReading query={query} none={t("fundRecord.none")}>
        {(read) => (
          <>
            <CheckPanel read={read} />
            <ProjectsPart read={read} />
            <FilePart id={id} read={read} />
          </>
        )}
      </PublicReading>
      <HowTo title={t("fundRecord.how")} steps={STEPS.map((step) => t(`fundRecord.how.${step}`, { command }))} />
    </OpenFrame>
  );
}

function CheckPanel({ read: { record, check } }: { read: Read }) {
  const { t, language } = useSpeech();
  const sound = isSound(check);
  const share = exactOf(record.outcome.share_yuan ?? "");
  const { prefer_outcome: ours, prefer_greedy: theirs } = record.outcome.greedy;
  const lines: [WordKey, boolean][] = [
    ["fundRecord.check.votes", check.votesAgree],
    ["fundRecord.check.total", check.totalAgrees],
    ["fundRecord.check.budget", check.withinBudget],
  ];
  if (record.outcome.rounds.some((round) => round.payments.length > 0)) lines.push(["fundRecord.check.payments", check.paymentsAgree]);
  if (check.withinShares !== undefined) lines.push(["fundRecord.check.shares", check.withinShares]);
  return (
    <Panel title={t("fundRecord.checked")} aside={<Mark tone={sound ? "good" : "bad"}>{t(sound ? "record.agrees" : "record.differs")}</Mark>} testId="fund-check">
      <div className="stack">
        <ul className="key-figures">
          <Figure value={yuanInWords(check.file.budget, language)} name={t("fund.amount")} />
          <Figure value={yuanInWords(check.total, language)} name={t("fund.spent")} />
          <Figure value={yuanInWords(check.left, language)} name={t("fund.left")} />
          <Figure value={String(check.file.ballots.length)} name={t("fund.ballots")} />
          {share && <Figure value={yuanInWords(share, language)} name={t("share.given")} />}
        </ul>
        <ul className="checks">
          {lines.map(([word, holds]) => (
            <li key={word}>
              <Mark tone={holds ? "good" : "bad"}>{t(holds ? "fundRecord.holds" : "fundRecord.fails")}</Mark> {t(word)}
            </li>
          ))}
        </ul>
        <p>{t("fund.prefer", { ours, theirs, equal: check.file.ballots.length - ours - theirs })}</p>
        <Pairs>
          <Pair name={t("fund.tieSource")} width="two">
            {record.tie_source}
          </Pair>
          {record.tie_number && <Pair name={t("fund.tieNumber")}>{record.tie_number}</Pair>}
        </Pairs>
        <p className="quiet">{t("fundRecord.limits")}</p>
      </div>
    </Panel>
  );
}

function ProjectsPart({ read: { record, check } }: { read: Read }) {
  const { t, language } = useSpeech();
  const nth = (number: number) => record.outcome.winners.indexOf(number) + 1;
  const because = (number: number) => LOST[record.outcome.lost.find((one) => one.project === number)?.why ?? ""] ?? "fund.lost.unknown";
  const columns: Column<RecordedProject>[] = [
    {
      key: "project",
      title: t("fund.project"),
      render: ({ number, title, withdrawn }) => (
        <>
          <span className={withdrawn ? "withdrawn" : undefined}>
            {number}. {title}
          </span>
          {withdrawn && <span className="project-why">{t("fund.withdrawnFor", { reason: record.withdrawal_reasons[number - 1] ?? "" })}</span>}
        </>
      ),
    },
    { key: "cost", title: t("fund.cost"), numeric: true, render: ({ cost }) => yuanInWords(cost, language) },
    { key: "approvals", title: t("fundRecord.counted"), numeric: true, render: ({ number }) => check.approvals.get(number) ?? 0 },
    { key: "result", title: t("fund.result"), render: ({ number }) => (nth(number) > 0 ? <Mark tone="good">{t("fundRecord.wonAs", { n: nth(number) })}</Mark> : <span className="quiet">{t(because(number))}</span>) },
  ];
  return (
    <Panel title={t("fund.projects")} testId="record-projects">
      <DataTable label={t("fund.projects")} columns={columns} rows={check.file.projects} rowKey={({ number }) => String(number)} />
    </Panel>
  );
}

function FilePart({ id, read }: { id: string; read: Read }) {
  const { t } = useSpeech();
  return (
    <Panel title={t("fundRecord.file")} aside={read.digest && <Mark tone={read.digest === read.published ? "good" : "bad"}>{t(read.digest === read.published ? "fundRecord.digestAgrees" : "record.differs")}</Mark>} testId="fund-file">
      <div className="stack">
        <Hex name={t("fund.digest")} value={read.published} />
        {read.digest ? <Hex name={t("record.digestHere")} value={read.digest} /> : <p className="quiet">{t("record.noDigest")}</p>}
        <p className="row">
          <Button onClick={() => save(read.bytes, `fund-${id}.json`)} data-testid="download-record">
            {t("record.download")}
          </Button>
          <Button onClick={() => save(new Blob([read.record.pabulib], { type: "text/plain" }), `fund-${id}.pb`)}>{t("fundRecord.pabulib")}</Button>
        </p>
        <Link to={`/funds/${id}/share`}>{t("share.title")}</Link>
      </div>
    </Panel>
  );
}
