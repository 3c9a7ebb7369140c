// Tickets that are published: their digest, what the lottery is best at, and the smallest and the largest chance of a volunteer, read from the public record.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { type DrawRecord, ticketsOf } from "../../format/drawRecord.ts";
import { chanceInWords, objectiveWord } from "../../format/pools.ts";
import { readRecord } from "../../format/publicRecords.ts";
import type { Pool } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { publicPools } from "../../rpc/deliberation.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { Figure } from "../funds/OutcomePanel.tsx";

/** Reads the public record of a pool whose tickets are published, again whenever they or the panel change. */
export function useDrawRecord(pool: Pick<Pool, "poolId" | "version">, wanted: boolean): Query<DrawRecord> {
  const key = wanted ? `draw-record:${pool.poolId}:${pool.version}` : undefined;
  return useQuery(key, async (signal) => (await readRecord<DrawRecord>(publicPools.exportDraw({ poolId: pool.poolId }, { signal, timeoutMs: 60_000 }))).record);
}

export function TicketsPanel({ pool }: { pool: Pool }) {
  const { t } = useSpeech();
  const query = useDrawRecord(pool, true);
  return (
    <Panel title={t("pool.tickets")} note={t("pool.ticketsNote")} testId="tickets">
      <div className="stack">
        {query.failure && <FailureLine failure={query.failure} onRetry={query.reload} />}
        {query.data && <Chances record={query.data} />}
        <p>
          {t(objectiveWord[pool.objective])} <span className="quiet">{t("pool.ticketError", { error: chanceInWords(pool.ticketError) })}</span>
        </p>
        <Hex name={t("draw.digest")} value={pool.ticketsSha256} />
        <Link to={`/pools/${pool.poolId}/record`}>{t("draw.record", { seats: pool.seats })}</Link>
      </div>
    </Panel>
  );
}

/** Chances as the tickets give them, in figures. */
export function Chances({ record }: { record: Pick<DrawRecord, "tickets" | "volunteers"> }) {
  const { t } = useSpeech();
  const { count, of } = ticketsOf(record);
  if (count === 0 || of.length === 0) return null;
  return (
    <ul className="key-figures" data-testid="chances">
      <Figure value={chanceInWords(Math.min(...of) / count)} name={t("pool.smallestChance")} />
      <Figure value={chanceInWords(Math.max(...of) / count)} name={t("pool.largestChance")} />
      <Figure value={String(of.length)} name={t("draw.volunteers")} />
      <Figure value={String(count)} name={t("draw.tickets")} />
    </ul>
  );
}
