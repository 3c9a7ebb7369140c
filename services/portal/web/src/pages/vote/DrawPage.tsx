// The public page of a draw by lot: what was published before, the number, the panel and its replacements that the page recomputes, and how anybody does the same.
import { Button, Input } from "antd";
import { useState } from "react";
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { type DrawRecord, follows, isAsTold, panelOf, type Round, roundsOf, ticketsOf } from "../../format/drawRecord.ts";
import { chanceInWords } from "../../format/pools.ts";
import { digestOf, type ReadRecord, readRecord, save } from "../../format/publicRecords.ts";
import { publicPools } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { Members } from "../pools/MembersPanel.tsx";
import { MixTable } from "../pools/MixTable.tsx";
import { Chances } from "../pools/TicketsPanel.tsx";
import { HowTo } from "./HowTo.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";
import "../funds/funds.css";
import "../pools/pools.css";
import "../topics/topics.css";

interface ReadRound extends Round {
  /** Digest of the tickets as this page computes it; undefined where the browser computes none. */
  digest: string | undefined;
}

type Read = ReadRecord<DrawRecord> & { rounds: ReadRound[] };

const STEPS = [1, 2, 3, 4, 5] as const;

export default function DrawPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("draw.title"));
  const query = useQuery(`draw:${id}`, async (signal): Promise<Read> => {
    const read = await readRecord<DrawRecord>(publicPools.exportDraw({ poolId: id }, { signal, timeoutMs: 60_000 }));
    const rounds = roundsOf(read.record).map(async (round) => ({ ...round, digest: await digestOf(new TextEncoder().encode(round.tickets)) }));
    return { ...read, rounds: await Promise.all(rounds) };
  });
  return (
    <OpenFrame wide>
      <h1>{t("draw.title")}</h1>
      <p>{t("draw.intro")}</p>
      <PublicReading query={query} none={t("draw.none")}>
        {(read) => (
          <>
            <BeforePanel id={id} read={read} />
            {read.rounds.map((round, index) => (
              <RoundPanel key={round.published} round={round} index={index} volunteers={read.record.volunteers} />
            ))}
            <Panel title={t("draw.mix")}>
              <MixTable categories={read.record.categories} drawn={read.record.draw !== null} />
            </Panel>
            <OwnNumber read={read} />
          </>
        )}
      </PublicReading>
      <HowTo title={t("draw.how")} steps={STEPS.map((step) => t(`draw.how.${step}`))} />
    </OpenFrame>
  );
}

function BeforePanel({ id, read }: { id: string; read: Read }) {
  const { t } = useSpeech();
  const { record, rounds } = read;
  const even = isAsTold(record);
  return (
    <Panel title={t("draw.before")} aside={<Mark tone={even ? "good" : "bad"}>{t(even ? "draw.even" : "draw.uneven")}</Mark>} testId="draw-before">
      <div className="stack">
        <Pairs>
          <Pair name={t("draw.seats")}>{record.seats}</Pair>
          <Pair name={t("pool.households")}>{t(`pool.households.${record.household_rule}`)}</Pair>
          <Pair name={t("draw.source")} width="all">
            {record.draw_source}
          </Pair>
          {record.quota_changes.length > 0 && (
            <Pair name={t("pool.changeReasons")} width="all">
              {record.quota_changes.join(" / ")}
            </Pair>
          )}
        </Pairs>
        <Chances record={record} />
        <p className="quiet">{t(record.objective === "LOTTERY_OBJECTIVE_MAXIMIN" ? "pool.objective.maximin" : "pool.objective.leximin")}</p>
        <Digests published={record.tickets_sha256} computed={rounds[0]?.digest} />
        <Button onClick={() => save(read.bytes, `draw-${id}.json`)} data-testid="download-record">
          {t("record.download")}
        </Button>
      </div>
    </Panel>
  );
}

function Digests({ published, computed }: { published: string; computed: string | undefined }) {
  const { t } = useSpeech();
  return (
    <>
      <Hex name={t("draw.digest")} value={published} />
      {computed ? <Hex name={t("draw.digestHere")} value={computed} /> : <p className="quiet">{t("record.noDigest")}</p>}
    </>
  );
}

/** The draw of the panel, or of replacements. */
function RoundPanel({ round, index, volunteers }: { round: ReadRound; index: number; volunteers: number[] }) {
  const { t } = useSpeech();
  const title = index === 0 ? t("draw.panel") : t("draw.replacement", { n: index });
  const same = follows(round, volunteers) && (round.digest === undefined || round.digest === round.published);
  const counted = round.draw ? panelOf({ tickets: round.tickets, volunteers }, round.draw.number) : undefined;
  return (
    <Panel title={title} aside={round.draw && <Mark tone={same ? "good" : "bad"}>{t(same ? "draw.agrees" : "draw.differs")}</Mark>} testId={index === 0 ? "drawn-panel" : `replacement-${index}`}>
      <div className="stack">
        {round.left.length > 0 && (
          <div className="stack">
            <p className="quiet">{t("draw.leftMembers")}</p>
            <Members numbers={round.left} left={round.left} />
          </div>
        )}
        {!round.draw && <EmptyNote>{t("draw.pending")}</EmptyNote>}
        {round.draw && counted && <p className="lot-formula">{t("draw.formula", { number: round.draw.number, count: counted.count, ticket: counted.ticket })}</p>}
        {round.draw && <Members numbers={round.draw.panel} />}
        {index > 0 && <Digests published={round.published} computed={round.digest} />}
      </div>
    </Panel>
  );
}

/** Somebody finds the own number: its tickets, its chance, and whether it is on the panel. */
function OwnNumber({ read }: { read: Read }) {
  const { t } = useSpeech();
  const [typed, setTyped] = useState("");
  const { record, rounds } = read;
  const row = typed.trim() === "" ? -1 : record.volunteers.indexOf(Number(typed.trim()));
  const { count, of } = ticketsOf(record);
  const last = [...rounds].reverse().find((round) => round.draw);
  const tickets = of[row] ?? 0;
  const values = { tickets, count, chance: chanceInWords(tickets / count) };
  const on = last?.draw?.panel.includes(record.volunteers[row] ?? Number.NaN);
  return (
    <Panel title={t("draw.own")} testId="own-number">
      <div className="stack">
        <label htmlFor="own-number">{t("draw.ownNumber")}</label>
        <Input id="own-number" inputMode="numeric" autoComplete="off" value={typed} onChange={(event) => setTyped(event.target.value)} style={{ maxWidth: 200 }} />
        <p role="status">
          {typed.trim() !== "" && (row < 0 ? t("draw.ownNone") : t("draw.ownChance", values))} {row >= 0 && last && <Mark tone={on ? "good" : "neutral"}>{t(on ? "draw.ownOn" : "draw.ownOff")}</Mark>}
        </p>
      </div>
    </Panel>
  );
}
