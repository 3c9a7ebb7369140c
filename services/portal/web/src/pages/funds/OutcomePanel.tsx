// What a fund pays for, in the order in which it was bought, what is left, and how many would rather have had the most wanted ones.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { winnersOf } from "../../format/funds.ts";
import { type Fund, type FundProject, FundRule } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import "../ballots/ballots.css";
import "./funds.css";

interface Bought {
  place: number;
  project: FundProject;
  /** What is left of the money after it. */
  leftFen: bigint;
}

export function OutcomePanel({ fund }: { fund: Fund }) {
  const { t } = useSpeech();
  const bought = boughtOf(fund);
  const equal = fund.ballots - fund.preferOutcome - fund.preferGreedy;
  return (
    <Panel title={t("fund.outcome")} testId="fund-outcome">
      <div className="stack">
        <ul className="key-figures">
          <Figure value={yuanOf(fund.totalFen)} name={t("fund.spent")} />
          <Figure value={yuanOf(fund.amountFen - fund.totalFen)} name={t("fund.left")} />
          <Figure value={String(bought.length)} name={t("fund.paidProjects")} />
          <Figure value={String(fund.ballots)} name={t("fund.ballots")} />
        </ul>
        <div className="spent" aria-hidden="true">
          {bought.map(({ project }) => (
            <span key={project.number} style={{ width: `${Number((project.costFen * 10_000n) / fund.amountFen) / 100}%` }} />
          ))}
        </div>
        <BoughtTable bought={bought} />
        {fund.rule !== FundRule.GREEDY && <p data-testid="prefer">{t("fund.prefer", { ours: fund.preferOutcome, theirs: fund.preferGreedy, equal })}</p>}
        <Hex name={t("fund.digest")} value={fund.recordSha256} />
        <p className="row">
          <Link to={`/funds/${fund.fundId}/record`}>{t("fund.publicRecord")}</Link>
          <Link to={`/funds/${fund.fundId}/share`}>{t("share.title")}</Link>
        </p>
      </div>
    </Panel>
  );
}

function boughtOf(fund: Fund): Bought[] {
  let leftFen = fund.amountFen;
  return winnersOf(fund).map((project, index) => {
    leftFen -= project.costFen;
    return { place: index + 1, project, leftFen };
  });
}

function BoughtTable({ bought }: { bought: readonly Bought[] }) {
  const { t } = useSpeech();
  if (bought.length === 0) return <EmptyNote>{t("fund.nothingBought")}</EmptyNote>;
  const columns: Column<Bought>[] = [
    { key: "project", title: t("fund.boughtInOrder"), render: ({ place, project }) => `${t("fund.nth", { n: place })} ${project.title}` },
    { key: "cost", title: t("fund.cost"), numeric: true, render: ({ project }) => yuanOf(project.costFen) },
    { key: "approvals", title: t("fund.approvals"), numeric: true, render: ({ project }) => project.approvals },
    { key: "left", title: t("fund.leftAfter"), numeric: true, render: ({ leftFen }) => yuanOf(leftFen) },
  ];
  return <DataTable label={t("fund.boughtInOrder")} columns={columns} rows={bought} rowKey={({ project }) => String(project.number)} />;
}

export function Figure({ value, name }: { value: string; name: string }) {
  return (
    <li>
      <span className="quiet">{name}</span>
      <strong>{value}</strong>
    </li>
  );
}
