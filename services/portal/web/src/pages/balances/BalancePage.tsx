// A balance: its parties, the round under way, what was revealed, and what all agreed on.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { type BalanceTarget, nextRound, revealBalance } from "../../actions/balanceSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { balanceStatusTone, balanceStatusWord, partiesInWords, partyKindWord } from "../../format/balances.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Balance, type BalanceParty, BalanceStatus } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { balances } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { AgreedPanel, AgreePanel } from "./AgreePanel.tsx";
import { PositionPanel } from "./PositionPanel.tsx";
import { RoundPanel } from "./RoundPanel.tsx";
import "../topics/topics.css";
import "./balances.css";

const POLL_MS = 5000;

export default function BalancePage() {
  const { id = "" } = useParams();
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const read = async (signal: AbortSignal) => {
    const { balance } = await balances.getBalance({ balanceId: id }, { signal });
    if (!balance) throw new TypeError("the answer holds no balance");
    return balance;
  };
  const query = useQuery(`balance:${id}`, read);
  const balance = query.data;
  const stale = useVisiblePoll(balance !== undefined && balance.status !== BalanceStatus.AGREED, POLL_MS, async (signal) => query.replace(await read(signal)));
  usePageTitle(t("balance.title"));
  if (!balance) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  const records = permits.allows("balance.record", balance.areaCode);
  const { status } = balance;
  return (
    <div className="page" data-testid="balance-page" data-status={BalanceStatus[status].toLowerCase()} data-round={balance.round}>
      <Link className="back" to={`/topics/${balance.topicId}`}>
        {t("balance.back")}
      </Link>
      <div className="page-head">
        <h1>{t("balance.heading", { n: balance.parties.length, options: balance.options.length })}</h1>
        <p className="row">
          <Mark tone={balanceStatusTone[status]}>{t(balanceStatusWord[status])}</Mark>
          <span>{t("balance.round", { n: balance.round })}</span>
          <span className="quiet">{t("balance.openedAt", { time: dayAndMinute(msOf(balance.openedAt) ?? 0, language) })}</span>
        </p>
      </div>
      <StaleLine failure={stale} />
      {status === BalanceStatus.AGREED && <AgreedPanel balance={balance} />}
      <PartiesPanel balance={balance} records={records} onDone={query.reload} />
      {status === BalanceStatus.ASKING && records && <PositionPanel key={balance.round} balance={balance} onGiven={query.replace} />}
      {[...balance.rounds].reverse().map((round) => (
        <RoundPanel key={round.round} balance={balance} round={round} />
      ))}
      {status === BalanceStatus.REVEALED && records && <AgreePanel balance={balance} onAgreed={query.replace} />}
    </div>
  );
}

function PartiesPanel({ balance, records, onDone }: { balance: Balance; records: boolean; onDone: () => void }) {
  const { t, language } = useSpeech();
  const asking = balance.status === BalanceStatus.ASKING;
  const revealed = balance.status === BalanceStatus.REVEALED;
  const missing = balance.parties.filter((party) => !balance.given.includes(party.code)).map((party) => party.code);
  const target = { balanceId: balance.balanceId };
  const choices: Choice<BalanceTarget>[] = [];
  if (records && asking && missing.length === 0) choices.push({ rpc: "RevealBalance", spec: revealBalance, target });
  if (records && revealed && balance.round < balance.mostRounds) choices.push({ rpc: "NextRound", spec: nextRound, target });
  const columns: Column<BalanceParty>[] = [
    { key: "name", title: t("balance.party"), render: (party) => party.name },
    { key: "kind", title: t("balance.kind"), render: (party) => t(partyKindWord[party.kind]) },
    ...(asking
      ? [{ key: "given", title: t("balance.position"), render: (party: BalanceParty) => (missing.includes(party.code) ? <Mark tone="warn">{t("balance.notGiven")}</Mark> : <Mark tone="good">{t("balance.given")}</Mark>) }]
      : []),
  ];
  return (
    <Panel title={t("balance.parties")} note={t("balance.partiesNote")} testId="parties">
      <div className="stack">
        <DataTable label={t("balance.parties")} columns={columns} rows={balance.parties} rowKey={(party) => party.code} rowTestId={(party) => `party-${party.code}`} />
        {asking && <p className="quiet">{missing.length > 0 ? t("balance.waitsFor", { parties: partiesInWords(balance, missing, language) }) : t("balance.allGiven")}</p>}
        {revealed && <p className="quiet">{t(balance.round < balance.mostRounds ? "balance.next" : "balance.lastRound")}</p>}
        <ChoiceBar choices={choices} onDone={onDone} first={asking ? choices[0] : undefined} />
      </div>
    </Panel>
  );
}
