// What was said with this slip, which can be changed while the conversation goes on. Of a statement that was turned down since only its number is told.
import { Radio } from "antd";
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { JUDGEMENTS, judgementWord } from "../../format/opinions.ts";
import type { Said, Saying } from "./useSlip.ts";

export function MinePart({ saying, goesOn }: { saying: Saying; goesOn: boolean }) {
  const { t } = useSpeech();
  const now = saying.said.filter((one) => one.statement);
  const before = saying.said.filter((one) => !one.statement);
  return (
    <Panel title={t("say.mine")} aside={<span data-testid="mine-count">{t("say.judged", { n: saying.said.length })}</span>} testId="say-mine">
      <div className="stack">
        {saying.said.length === 0 && <EmptyNote>{t("say.mineNone")}</EmptyNote>}
        {now.length > 0 && goesOn && <p className="quiet">{t("say.mineChange")}</p>}
        {now.length > 0 && (
          <ul className="mine">
            {now.map((one) => (
              <SaidItem key={one.number} said={one} saying={saying} goesOn={goesOn} />
            ))}
          </ul>
        )}
        {before.length > 0 && <Before said={before} />}
      </div>
    </Panel>
  );
}

function SaidItem({ said, saying, goesOn }: { said: Said; saying: Saying; goesOn: boolean }) {
  const { t } = useSpeech();
  const { statement } = said;
  if (!statement) return null;
  return (
    <li data-testid={`mine-${said.number}`}>
      <p id={`mine-${said.number}`}>{statement.text}</p>
      <Radio.Group
        aria-labelledby={`mine-${said.number}`}
        optionType="button"
        disabled={!goesOn}
        value={said.judgement}
        onChange={(event) => void saying.judge(statement, event.target.value)}
        options={JUDGEMENTS.map((value) => ({ value, label: t(judgementWord[value]) }))}
      />
    </li>
  );
}

function Before({ said }: { said: readonly Said[] }) {
  const { t, language } = useSpeech();
  const numbers = (judgement: Said["judgement"]) => said.filter((one) => one.judgement === judgement).map((one) => one.number);
  return (
    <div className="stack" data-testid="mine-before">
      <p className="quiet">{t("say.mineBefore")}</p>
      <dl className="pairs">
        {JUDGEMENTS.filter((one) => numbers(one).length > 0).map((one) => (
          <div key={one} className="pair pair-all">
            <dt className="quiet">{t(judgementWord[one])}</dt>
            <dd>{t("say.mineList", { numbers: numbers(one).join(language === "zh" ? "、" : ", ") })}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
