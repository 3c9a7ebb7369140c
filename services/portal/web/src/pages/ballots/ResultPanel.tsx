// What came of a ballot: turnout against the quorum, approval against the threshold, as bars with the exact fractions.
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { areaInWords, isReached, outcomeTone, outcomeWord, shareInWords } from "../../format/deliberation.ts";
import type { Ballot, Share } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";

export function ResultPanel({ ballot }: { ballot: Ballot }) {
  const { t } = useSpeech();
  const { count, threshold } = ballot;
  if (!count || !threshold?.quorum || !threshold.approval) return null;
  const { quorum, approval, byArea } = threshold;
  const abstained = count.partHeads - count.forHeads - count.againstHeads;
  return (
    <Panel title={t("ballot.result")} aside={<Mark tone={outcomeTone[ballot.outcome]}>{t(outcomeWord[ballot.outcome])}</Mark>} testId="ballot-result">
      <div className="stack">
        <ShareBar name={t("ballot.turnoutHeads")} part={count.partHeads} whole={count.totalHeads} share={quorum} />
        {byArea && <ShareBar name={t("ballot.turnoutArea")} part={count.partArea} whole={count.totalArea} share={quorum} area />}
        <ShareBar name={t("ballot.forHeads")} part={count.forHeads} whole={count.partHeads} share={approval} />
        {byArea && <ShareBar name={t("ballot.forArea")} part={count.forArea} whole={count.partArea} share={approval} area />}
        <p className="quiet">{t("ballot.againstLine", { against: String(count.againstHeads), abstain: String(abstained), absent: String(count.totalHeads - count.partHeads) })}</p>
      </div>
    </Panel>
  );
}

interface ShareBarProps {
  name: string;
  part: bigint;
  whole: bigint;
  share: Share;
  area?: boolean;
}

export function ShareBar({ name, part, whole, share, area = false }: ShareBarProps) {
  const { t, language } = useSpeech();
  const reached = isReached(part, whole, share);
  const percent = whole === 0n ? 0 : Number((part * 10_000n) / whole) / 100;
  const words = area ? areaInWords : String;
  return (
    <div className="share" data-reached={reached}>
      <p className="row">
        <strong>{name}</strong>
        <span>{t("ballot.bar", { part: words(part), whole: words(whole), percent: `${percent.toFixed(2)}%`, share: shareInWords(share, language) })}</span>
        <Mark tone={reached ? "good" : "warn"}>{t(reached ? "ballot.reached" : "ballot.missed")}</Mark>
      </p>
      <div className="share-bar" aria-hidden="true">
        <span className="share-part" style={{ width: `${percent}%` }} />
        <span className="share-line" style={{ left: `${(share.numerator / share.denominator) * 100}%` }} />
      </div>
    </div>
  );
}
