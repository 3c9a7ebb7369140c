// A pool of volunteers from whom representatives are drawn: where it stands, what the panel must look like, its tickets, and who was drawn, by number.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { closePool, drawNumber, drawReplacements, dropMembers, type PoolTarget, publishLottery, withdrawVolunteer } from "../../actions/poolSpecs.ts";
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
import { householdRuleWord, POOL_STEPS, poolStatusTone, poolStatusWord, stepOf } from "../../format/pools.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Pool, PoolStatus } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { pools } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { InfeasiblePanel } from "./InfeasiblePanel.tsx";
import { MembersPanel } from "./MembersPanel.tsx";
import { MixTable } from "./MixTable.tsx";
import { TicketsPanel } from "./TicketsPanel.tsx";
import { VolunteerPanel } from "./VolunteerPanel.tsx";
import "./pools.css";

const POLL_MS = 3000;

export default function PoolPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const read = async (signal: AbortSignal) => {
    const { pool } = await pools.getPool({ poolId: id }, { signal });
    if (!pool) throw new TypeError("the answer holds no pool");
    return pool;
  };
  const query = useQuery(`pool:${id}`, read);
  const pool = query.data;
  const moves = pool?.status === PoolStatus.OPEN || pool?.status === PoolStatus.COMPUTING;
  const stale = useVisiblePoll(moves, POLL_MS, async (signal) => query.replace(await read(signal)));
  usePageTitle(pool && t("pool.title", { seats: pool.seats }));
  if (!pool) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  return (
    <div className="page" data-testid="pool-page" data-status={PoolStatus[pool.status].toLowerCase()}>
      <Link className="back" to={`/topics/${pool.topicId}`}>
        {t("ballot.back")}
      </Link>
      <PoolHead pool={pool} onDone={query.reload} />
      <StaleLine failure={stale} />
      <StepLine label={t("pool.steps")} steps={stepsAround(POOL_STEPS.map((key) => ({ key, name: t(`pool.step.${key}`) })), stepOf(pool.status))} testId="pool-steps" />
      <WhereItStands pool={pool} />
      {pool.status === PoolStatus.INFEASIBLE && <InfeasiblePanel pool={pool} />}
      {pool.panel.length > 0 && <MembersPanel pool={pool} />}
      <VolunteerPanel pool={pool} onDone={query.reload} />
      <PoolFacts pool={pool} />
      <Panel title={t("draw.mix")} note={t("pool.mixNote")}>
        <MixTable categories={pool.categories} drawn={pool.panel.length > 0} />
      </Panel>
      {pool.ticketsSha256 !== "" && <TicketsPanel pool={pool} />}
    </div>
  );
}

/** What is happening, in a sentence, where it is not plain. */
function WhereItStands({ pool }: { pool: Pool }) {
  const { t, language } = useSpeech();
  const forgotten = msOf(pool.forgottenAt);
  return (
    <>
      {pool.status === PoolStatus.COMPUTING && (
        <p className="stale-line" role="status">
          {t("pool.computingNote")}
        </p>
      )}
      {pool.status === PoolStatus.FAILED && <p className="topic-reason">{t("pool.failedNote")}</p>}
      {pool.status === PoolStatus.ABANDONED && <p className="topic-reason">{t("pool.abandonedNote")}</p>}
      {forgotten !== undefined && <p className="quiet">{t("pool.forgotten", { time: dayAndMinute(forgotten, language) })}</p>}
    </>
  );
}

function PoolHead({ pool, onDone }: { pool: Pool; onDone: () => void }) {
  const { t } = useSpeech();
  const now = useNow();
  const over = now >= (msOf(pool.closesAt) ?? 0);
  const choices = useChoices(pool, over);
  const leaves = choices.filter((choice) => choice.rpc === "WithdrawVolunteer" || choice.rpc === "DropMembers");
  return (
    <div className="page-head">
      <h1>{t("pool.title", { seats: pool.seats })}</h1>
      <p className="row">
        <Mark tone={poolStatusTone[pool.status]}>{t(poolStatusWord[pool.status])}</Mark>
        {pool.status === PoolStatus.OPEN && over && <Mark tone="warn">{t("pool.ended")}</Mark>}
      </p>
      <ChoiceBar choices={choices} onDone={onDone} first={choices.find((choice) => !leaves.includes(choice))} />
    </div>
  );
}

function useChoices(pool: Pool, over: boolean): Choice<PoolTarget>[] {
  const { permits } = usePerson();
  const target = { poolId: pool.poolId };
  const may = (permission: string) => permits.allows(permission, pool.areaCode);
  const choices: Choice<PoolTarget>[] = [];
  if (pool.forgottenAt !== undefined) return choices;
  const { status } = pool;
  if (status === PoolStatus.OPEN && over && may("pool.convene")) choices.push({ rpc: "ClosePool", spec: closePool, target });
  if ((status === PoolStatus.CLOSED || status === PoolStatus.FAILED) && may("pool.convene")) choices.push({ rpc: "PublishLottery", spec: publishLottery, target });
  if (status === PoolStatus.PUBLISHED && may("pool.draw")) choices.push({ rpc: "DrawNumber", spec: drawNumber, target });
  if (status === PoolStatus.DRAWN && may("pool.draw")) choices.push({ rpc: "DropMembers", spec: dropMembers(pool.panel), target });
  if (status === PoolStatus.REPLACING && may("pool.draw")) choices.push({ rpc: "DrawReplacements", spec: drawReplacements, target });
  const drawn = status === PoolStatus.DRAWN || status === PoolStatus.REPLACING || status === PoolStatus.ABANDONED;
  if (!drawn && may("pool.enrol")) choices.push({ rpc: "WithdrawVolunteer", spec: withdrawVolunteer, target });
  return choices;
}

function PoolFacts({ pool }: { pool: Pool }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t("pool.facts")}>
      <Pairs>
        <Pair name={t("draw.seats")}>{pool.seats}</Pair>
        <Pair name={t("draw.volunteers")} testId="volunteers">
          {pool.volunteers > 0 ? pool.volunteers : <span className="quiet">{t("pool.fromTen")}</span>}
        </Pair>
        <Pair name={t("pool.closes")}>{dayAndMinute(msOf(pool.closesAt) ?? 0, language)}</Pair>
        <Pair name={t("pool.households")}>{t(householdRuleWord[pool.householdRule])}</Pair>
        <Pair name={t("draw.source")} width="all">
          {pool.drawSource}
        </Pair>
        {pool.changeReasons.length > 0 && (
          <Pair name={t("pool.changeReasons")} width="all">
            {pool.changeReasons.map((reason) => (
              <p key={reason} className="prewrap">
                {reason}
              </p>
            ))}
          </Pair>
        )}
      </Pairs>
    </Panel>
  );
}
