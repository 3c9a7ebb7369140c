// A fund: where it stands, by which rule the money is given, its projects, and once it is decided what is paid for and why the rest is not.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { addProject, closeFund, computeAgain, type FundTarget, publishFund, settleTie } from "../../actions/fundSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { StepLine, stepsAround } from "../../components/StepLine.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { FUND_STEPS, fundStatusTone, fundStatusWord, ruleNote, ruleWord, stepOf } from "../../format/funds.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Fund, FundStatus } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { funds } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { SlipsPart } from "../slips/SlipsPart.tsx";
import { OutcomePanel } from "./OutcomePanel.tsx";
import { ProjectsPanel } from "./ProjectsPanel.tsx";
import { TiePanel } from "./TiePanel.tsx";

const POLL_MS = 3000;

export default function FundPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const read = async (signal: AbortSignal) => {
    const { fund } = await funds.getFund({ fundId: id }, { signal });
    if (!fund) throw new TypeError("the answer holds no fund");
    return fund;
  };
  const query = useQuery(`fund:${id}`, read);
  const fund = query.data;
  const moves = fund?.status === FundStatus.PUBLISHED || fund?.status === FundStatus.COMPUTING;
  const stale = useVisiblePoll(moves, POLL_MS, async (signal) => query.replace(await read(signal)));
  usePageTitle(fund && t("fund.title", { yuan: yuanOf(fund.amountFen) }));
  if (!fund) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  return (
    <div className="page" data-testid="fund-page" data-status={FundStatus[fund.status].toLowerCase()}>
      <Link className="back" to={`/topics/${fund.topicId}`}>
        {t("ballot.back")}
      </Link>
      <FundHead fund={fund} onDone={query.reload} />
      <StaleLine failure={stale} />
      <StepLine label={t("fund.steps")} steps={stepsAround(stepsOf(fund).map(({ key, name, note }) => ({ key, name: t(name), note: note && t(note) })), stepOf(fund.status))} testId="fund-steps" />
      {fund.status === FundStatus.COMPUTING && (
        <p className="stale-line" role="status">
          {t("fund.computingNote")}
        </p>
      )}
      {fund.status === FundStatus.OVERDUE && <p className="topic-reason">{t("fund.overdueNote")}</p>}
      {fund.status === FundStatus.DECIDED && <OutcomePanel fund={fund} />}
      {hasTie(fund) && <TiePanel fund={fund} />}
      <FundFacts fund={fund} />
      <ProjectsPanel fund={fund} onDone={query.reload} />
      {fund.status === FundStatus.PUBLISHED && (
        <SlipsPart stays={t("fund.published")} note={t("fund.slipsNote")} printedAt={fund.slipsPrintedAt} prints="fund.print" areaCode={fund.areaCode} printTo={`/funds/${fund.fundId}/slips`} votePath={`/funds/${fund.fundId}/vote`} />
      )}
    </div>
  );
}

/** A tie waits for its number, or was settled by one. */
function hasTie(fund: Fund): boolean {
  return fund.status === FundStatus.TIED || fund.tieNumber !== "";
}

/** The steps; a tie and running out of time are said below the computing. */
function stepsOf(fund: Fund) {
  const stop = fund.status === FundStatus.TIED || fund.status === FundStatus.OVERDUE ? fundStatusWord[fund.status] : undefined;
  return FUND_STEPS.map((key) => ({ key, name: `fund.status.${key}` as const, note: key === "computing" ? stop : undefined }));
}

function FundHead({ fund, onDone }: { fund: Fund; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const now = useNow();
  const target = { fundId: fund.fundId };
  const over = now >= (msOf(fund.closesAt) ?? 0);
  const [opens, proposes] = [permits.allows("fund.open", fund.areaCode), permits.allows("fund.propose", fund.areaCode)];
  const choices: Choice<FundTarget>[] = [];
  if (fund.status === FundStatus.OPEN && proposes) choices.push({ rpc: "AddProject", spec: addProject(fund.areaCode, fund.amountFen), target });
  if (fund.status === FundStatus.OPEN && opens && fund.projects.some((project) => !project.withdrawn)) choices.push({ rpc: "PublishFund", spec: publishFund, target });
  if (fund.status === FundStatus.PUBLISHED && opens && over) choices.push({ rpc: "CloseFund", spec: closeFund, target });
  if (fund.status === FundStatus.OVERDUE && opens) choices.push({ rpc: "CloseFund", spec: computeAgain, target });
  if (fund.status === FundStatus.TIED && opens) choices.push({ rpc: "SettleTie", spec: settleTie, target });
  return (
    <div className="page-head">
      <h1>{t("fund.title", { yuan: yuanOf(fund.amountFen) })}</h1>
      <p className="row">
        <Mark tone={fundStatusTone[fund.status]}>{t(fundStatusWord[fund.status])}</Mark>
        {fund.status === FundStatus.PUBLISHED && over && <Mark tone="warn">{t("fund.ended")}</Mark>}
      </p>
      <ChoiceBar choices={choices} onDone={onDone} first={choices.at(-1)} />
    </div>
  );
}

function FundFacts({ fund }: { fund: Fund }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t("fund.facts")}>
      <Pairs>
        <Pair name={t("fund.amount")}>{yuanOf(fund.amountFen)}</Pair>
        <Pair name={t("fund.closes")}>{dayAndMinute(msOf(fund.closesAt) ?? 0, language)}</Pair>
        {fund.status !== FundStatus.OPEN && <Pair name={t("fund.slips")}>{fund.slips}</Pair>}
        {fund.status !== FundStatus.OPEN && (
          <Pair name={t("fund.ballots")} testId="fund-ballots">
            {fund.ballots === 0 && fund.status === FundStatus.PUBLISHED ? <span className="quiet">{t("ballot.votesHidden")}</span> : fund.ballots}
          </Pair>
        )}
        <Pair name={t("fund.rule")} width="all">
          {t(ruleWord[fund.rule])} <span className="quiet">{t(ruleNote[fund.rule])}</span>
        </Pair>
        {!hasTie(fund) && (
          <Pair name={t("fund.tieSource")} width="all">
            {fund.tieSource}
          </Pair>
        )}
      </Pairs>
    </Panel>
  );
}
