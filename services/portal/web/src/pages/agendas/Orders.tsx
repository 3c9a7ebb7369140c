// The two orders of an agenda: the system's with the reason of every place, and that of the session.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { placeInWords, placeRuleWord } from "../../format/deliberation.ts";
import type { Agenda } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { useTitles } from "./topicTitles.tsx";

export function SystemOrder({ agenda }: { agenda: Agenda }) {
  const { t, language } = useSpeech();
  const title = useTitles();
  return (
    <Panel title={t("agenda.systemOrder")} note={t("agenda.systemOrderNote")} testId="system-order">
      <ol className="places">
        {agenda.places.map((place, index) => (
          <li key={place.topicId || `open-${index}`}>
            <span className="place-number">{index + 1}</span>
            <div>
              {place.topicId && (
                <p>
                  <Link to={`/topics/${place.topicId}`}>{title(place.topicId)}</Link>
                </p>
              )}
              <p className="quiet" data-testid="place-sentence">
                {placeInWords(place, index + 1, language)}
              </p>
            </div>
            <Mark tone="neutral">{t(placeRuleWord[place.rule])}</Mark>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

export function SessionOrder({ agenda }: { agenda: Agenda }) {
  const { t } = useSpeech();
  const title = useTitles();
  const system = agenda.places.map((place) => place.topicId);
  return (
    <Panel title={t("agenda.order")} testId="session-order">
      <ol className="places">
        {agenda.order.map((topic, index) => {
          const before = system.indexOf(topic);
          return (
            <li key={topic}>
              <span className="place-number">{index + 1}</span>
              <Link to={`/topics/${topic}`}>{title(topic)}</Link>
              {before !== index && before >= 0 && <Mark tone="warn">{t("agenda.position", { n: before + 1 })}</Mark>}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
}
