// The pools of a topic: representatives that are drawn by lot from those who volunteer.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { goesOn } from "../../format/deliberation.ts";
import { poolStatusTone, poolStatusWord } from "../../format/pools.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Pool, PoolStatus } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import type { Topic } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { pools } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";

export function PoolsStation({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const list = usePages(`pools:${topic.topicId}`, async (pageToken, signal) => {
    const answer = await pools.listPools({ topicId: topic.topicId, pageSize: 50, pageToken }, { signal });
    return { rows: answer.pools, nextPageToken: answer.nextPageToken };
  });
  const convenes = goesOn(topic) && permits.allows("pool.convene", topic.areaCode.slice(0, 12));
  // Nothing is said of a draw where there is none and none can be convened.
  if (!convenes && !list.failure && !list.rows?.length) return null;
  return (
    <Panel title={t("draw.title")} testId="station-pools">
      <div className="stack">
        <PagedList list={list}>{(rows) => (rows.length === 0 ? <EmptyNote>{t("pool.stationNone")}</EmptyNote> : <ul className="similar">{rows.map((pool) => <PoolItem key={pool.poolId} pool={pool} />)}</ul>)}</PagedList>
        {convenes && (
          <p className="row">
            <Link className="button" to={`/topics/${topic.topicId}/pools/new`} data-testid="open-pool">
              {t("pool.open")}
            </Link>
          </p>
        )}
      </div>
    </Panel>
  );
}

function PoolItem({ pool }: { pool: Pool }) {
  const { t, language } = useSpeech();
  return (
    <li>
      <span className="row">
        <Mark tone={poolStatusTone[pool.status]}>{t(poolStatusWord[pool.status])}</Mark>
        <Link to={`/pools/${pool.poolId}`}>{t("pool.title", { seats: pool.seats })}</Link>
      </span>
      <span className="quiet">
        {pool.status === PoolStatus.OPEN ? t("pool.until", { time: dayAndMinute(msOf(pool.closesAt) ?? 0, language) }) : pool.number ? `${t("draw.number")}: ${pool.number}` : t("draw.pending")}
        {pool.ticketsSha256 !== "" && (
          <>
            {" · "}
            <Link to={`/pools/${pool.poolId}/record`}>{t("fund.publicRecordShort")}</Link>
          </>
        )}
      </span>
    </li>
  );
}
