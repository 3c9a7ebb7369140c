// The panel as numbers, and what replacements are drawn from when some have dropped out.
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import type { Pool } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { Hex } from "../ballots/RecordPanel.tsx";
import { useDrawRecord } from "./TicketsPanel.tsx";
import "../ballots/ballots.css";

export function MembersPanel({ pool }: { pool: Pool }) {
  const { t } = useSpeech();
  const replaces = pool.replacementSha256 !== "";
  const record = useDrawRecord(pool, replaces);
  const left = record.data?.replacements.at(-1)?.left ?? [];
  return (
    <Panel title={t("draw.panel")} note={t("pool.numbersOnly")} testId="members">
      <div className="stack">
        <Members numbers={pool.panel} left={left} />
        <Pairs>
          <Pair name={t("draw.number")}>{pool.number}</Pair>
          {replaces && <Pair name={t("pool.replacementTickets")}>{pool.replacementTickets}</Pair>}
        </Pairs>
        {replaces && (
          <p>
            {left.length > 0 && t("pool.leftNumbers", { numbers: left.join(", ") })} {t("pool.replacingNote")}
          </p>
        )}
        {replaces && <Hex name={t("pool.replacementDigest")} value={pool.replacementSha256} />}
      </div>
    </Panel>
  );
}

/** Numbers of members; those who left are struck out, and said to have left. */
export function Members({ numbers, left = [] }: { numbers: readonly number[]; left?: readonly number[] }) {
  const { t } = useSpeech();
  return (
    <ul className="members">
      {[...numbers]
        .sort((a, b) => a - b)
        .map((number) => (
          <li key={number} className={left.includes(number) ? "member-left" : undefined} title={left.includes(number) ? t("pool.left") : undefined}>
            {number}
          </li>
        ))}
    </ul>
  );
}
