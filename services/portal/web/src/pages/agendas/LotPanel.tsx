// The lot of an agenda: where its number comes from, the candidates as the number counts them, and the sum that anybody can do again.
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { remainderOf } from "../../format/deliberation.ts";
import { type Agenda, PlaceRule } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { useTitles } from "./topicTitles.tsx";

export function LotPanel({ agenda }: { agenda: Agenda }) {
  const { t } = useSpeech();
  const title = useTitles();
  const count = agenda.lotCandidates.length;
  const rest = remainderOf(agenda.lotNumber, count);
  const taken = new Set(agenda.places.filter((place) => place.rule === PlaceRule.LOT).map((place) => place.topicId));
  if (count === 0) {
    return (
      <Panel title={t("agenda.lot")}>
        <EmptyNote>{t("agenda.lotNone")}</EmptyNote>
      </Panel>
    );
  }
  return (
    <Panel title={t("agenda.lot")} testId="lot">
      <div className="stack">
        <Pairs>
          <Pair name={t("agenda.lotSource")} width="two">
            {agenda.lotSource}
          </Pair>
          <Pair name={t("agenda.lotNumber")}>{agenda.lotNumber || <span className="quiet">{t("agenda.lotPending")}</span>}</Pair>
        </Pairs>
        {rest !== undefined && (
          <p className="lot-formula" data-testid="lot-formula">
            {t("agenda.lotFormula", { number: agenda.lotNumber, count, rest })}
          </p>
        )}
        {taken.size > 1 && <p className="quiet">{t("agenda.lotNext")}</p>}
        <h3>{t("agenda.lotCandidates")}</h3>
        <ol className="lot-candidates">
          {agenda.lotCandidates.map((topic, index) => (
            <li key={topic} className={taken.has(topic) ? "lot-taken" : ""}>
              <span className="code">{index}</span>
              <span>{title(topic)}</span>
            </li>
          ))}
        </ol>
      </div>
    </Panel>
  );
}
