// One statement at a time, large, with three large buttons and keys.
import { Button } from "antd";
import { useSpeech } from "../../app/language.tsx";
import { useKeys } from "../../app/useKeys.ts";
import { FailureLine } from "../../components/Notice.tsx";
import { JUDGEMENTS, judgementOfKey, judgementWord, leftInWords } from "../../format/opinions.ts";
import { Judgement } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import type { Saying } from "./useSlip.ts";

export function JudgePart({ saying }: { saying: Saying }) {
  const { t, language } = useSpeech();
  const { current, judge, busy } = saying;
  useKeys((event) => {
    const judgement = judgementOfKey(event.key);
    if (!current || judgement === undefined) return;
    event.preventDefault();
    void judge(current, judgement);
  });

  return (
    <section className="panel say-judge" data-testid="say-judge" aria-busy={busy}>
      <div className="panel-body stack">
        {saying.failure && <FailureLine failure={saying.failure} />}
        {current ? (
          <>
            <p className="row quiet">
              <span>{t("say.statement", { n: current.number })}</span>
              {current.seed && <span>{t("say.seed")}</span>}
              <span className="say-left" data-testid="say-left">
                {leftInWords(saying.left, saying.mayBeMore, language)}
              </span>
            </p>
            <p className="say-text" aria-live="polite" data-testid="say-text" data-number={current.number}>
              {current.text}
            </p>
            <div className="cast-choices say-choices" role="group" aria-label={t("cast.choose")}>
              {JUDGEMENTS.map((one) => (
                <Button key={one} size="large" onClick={() => void judge(current, one)} data-testid={`judge-${Judgement[one].toLowerCase()}`}>
                  {t(judgementWord[one])}
                </Button>
              ))}
            </div>
            <p className="quiet wide-only">{t("say.keys")}</p>
          </>
        ) : (
          <div className="stack" role="status" data-testid="say-done">
            <p className="cast-taken">{t(saying.said.length > 0 ? "say.allDone" : "say.nothingYet")}</p>
            {saying.said.length > 0 && <p>{t("say.allDoneNote")}</p>}
            <Button onClick={() => void saying.lookAgain()} loading={busy}>
              {t("say.lookAgain")}
            </Button>
          </div>
        )}
      </div>
    </section>
  );
}
