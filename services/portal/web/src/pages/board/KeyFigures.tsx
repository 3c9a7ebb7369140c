// The four counts and the three rates of an area.
import { useSpeech } from "../../app/language.tsx";
import { FlashNumber } from "../../components/FlashNumber.tsx";
import type { Figures, Rate } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { percentOf } from "../../format/figures.ts";
import type { WordKey } from "../../app/words/index.ts";

export function KeyFigures({ totals, departmentsAtWork }: { totals: Figures; departmentsAtWork: number }) {
  const { t } = useSpeech();
  const share = totals.open > 0n ? `${Math.round((Number(totals.overdue) / Number(totals.open)) * 100)}%` : "0%";
  const registered = t("board.registered", { n: totals.registered.toString() });
  const voided = totals.voided > 0n ? ` · ${t("board.voided", { n: totals.voided.toString() })}` : "";
  return (
    <section className="figures" aria-label={t("board.figures")}>
      <Count word="board.open" value={totals.open} testId="open-count" note={registered + voided} />
      <Count
        word="board.overdue"
        value={totals.overdue}
        testId="overdue-count"
        bad={totals.overdue > 0n}
        note={totals.overdue > 0n ? t("board.ofOpen", { share }) : t("board.nothingOverdue")}
      />
      <Count word="board.settled" value={totals.settled} testId="settled-count" note={t("board.closed", { n: totals.closed.toString() })} />
      <Count word="board.whistlesOpen" value={totals.whistlesOpen} testId="whistles-open-count" note={t("board.departmentsAtWork", { n: departmentsAtWork })} />
      <RateTile word="rate.response" note="rate.responseNote" rate={totals.responseRate} testId="response-rate" />
      <RateTile word="rate.settlement" note="rate.settlementNote" rate={totals.settlementRate} testId="settlement-rate" />
      <RateTile word="rate.satisfaction" note="rate.satisfactionNote" rate={totals.satisfactionRate} testId="satisfaction-rate" />
    </section>
  );
}

function Count({ word, value, testId, note, bad }: { word: WordKey; value: bigint; testId: string; note: string; bad?: boolean }) {
  const { t } = useSpeech();
  return (
    <div className="figure">
      <span className="figure-label">{t(word)}</span>
      <span className={bad ? "figure-value bad" : "figure-value"}>
        <FlashNumber value={value} testId={testId} />
      </span>
      <span className="figure-note">{note}</span>
    </div>
  );
}

function RateTile({ word, note, rate, testId }: { word: WordKey; note: WordKey; rate: Rate | undefined; testId: string }) {
  const { t } = useSpeech();
  const percent = percentOf(rate);
  const parts = t("rate.parts", { n: (rate?.numerator ?? 0n).toString(), d: (rate?.denominator ?? 0n).toString() });
  const excluded = rate && rate.excluded > 0n ? ` · ${t("rate.excluded", { n: rate.excluded.toString() })}` : "";
  return (
    <div className="figure figure-rate" title={percent ? t(note) : t("rate.smallNote")}>
      <span className="figure-label">{t(word)}</span>
      <span className={percent ? "figure-value" : "figure-value figure-small"} data-testid={testId}>
        {percent ?? t("rate.small")}
      </span>
      <span className="figure-note">{parts + excluded}</span>
    </div>
  );
}

/** A rate in a table: the value, its parts beneath, or that the sample is too small. */
export function RateCell({ rate, note }: { rate: Rate | undefined; note: WordKey }) {
  const { t } = useSpeech();
  const percent = percentOf(rate);
  const parts = t("rate.parts", { n: (rate?.numerator ?? 0n).toString(), d: (rate?.denominator ?? 0n).toString() });
  const excluded = rate && rate.excluded > 0n ? ` · ${t("rate.excluded", { n: rate.excluded.toString() })}` : "";
  if (!rate || rate.denominator === 0n) return <span className="quiet">–</span>;
  return (
    <span className="rate-cell" title={`${percent ? t(note) : t("rate.smallNote")}\n${parts}${excluded}`}>
      <span className={percent ? "" : "quiet"}>{percent ?? t("rate.small")}</span>
      <span className="rate-parts">{parts}</span>
    </span>
  );
}
