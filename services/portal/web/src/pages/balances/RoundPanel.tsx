// A round that was revealed: what every party said of every option, which options are feasible, where the balance lies and why.
import { useSpeech } from "../../app/language.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { followsFromPositions, whyInWords } from "../../format/balances.ts";
import type { Balance, BalanceRound } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";

interface Row {
  /** From 1; 0 for the row of bottom lines. */
  option: number;
  text: string;
}

export function RoundPanel({ balance, round }: { balance: Balance; round: BalanceRound }) {
  const { t, language } = useSpeech();
  const rows: Row[] = [...balance.options.map((text, at) => ({ option: at + 1, text })), { option: 0, text: t("balance.bottomLine") }];
  const columns: Column<Row>[] = [
    {
      key: "option",
      title: t("balance.option"),
      render: (row) => (
        <span className="option-cell">
          <span>{row.text}</span>
          {row.option > 0 && <OptionMarks round={round} option={row.option} />}
        </span>
      ),
    },
    ...balance.parties.map((party, at): Column<Row> => {
      const position = round.positions[at];
      return {
        key: party.code,
        title: party.name,
        numeric: true,
        render: (row) => (position ? <Score score={row.option === 0 ? position.bottomLine : (position.scores[row.option - 1] ?? 0)} bottomLine={position.bottomLine} /> : "–"),
      };
    }),
  ];
  const follows = followsFromPositions(round);
  return (
    <Panel title={t("balance.result", { n: round.round })} testId={`round-${round.round}`} aside={<Mark tone={follows ? "good" : "bad"}>{t(follows ? "balance.follows" : "balance.followsNot")}</Mark>} note={t("balance.recomputed")}>
      <div className="stack">
        <div className="balance-why" data-testid={`why-${round.round}`}>
          {whyInWords(balance, round, language).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
        <DataTable label={t("balance.result", { n: round.round })} columns={columns} rows={rows} rowKey={(row) => String(row.option)} rowTestId={(row) => (row.option === 0 ? "bottom-lines" : `option-${row.option}`)} />
      </div>
    </Panel>
  );
}

function OptionMarks({ round, option }: { round: BalanceRound; option: number }) {
  const { t } = useSpeech();
  const feasible = round.feasible.includes(option);
  const nothing = round.feasible.length === 0;
  return (
    <span className="row option-marks">
      {round.choice === option && <Mark tone={nothing ? "warn" : "active"}>{t(nothing ? "balance.isNearest" : "balance.isChoice")}</Mark>}
      {round.largestMinimumGainChoice === option && round.choice !== option && <Mark tone="neutral">{t("balance.isFairest")}</Mark>}
      <Mark tone={feasible ? "good" : "neutral"}>{t(feasible ? "balance.feasible" : "balance.infeasible")}</Mark>
    </span>
  );
}

function Score({ score, bottomLine }: { score: number; bottomLine: number }) {
  const { t } = useSpeech();
  if (score >= bottomLine) return score;
  return (
    <span className="bad">
      {score} <small>{t("balance.below")}</small>
    </span>
  );
}
