// One statement at a time, large, with three large buttons and keys.
import { Button } from "antd";
import { useEffect } from "react";
import { useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { JUDGEMENTS, judgementOfKey, judgementWord, leftInWords } from "../../format/opinions.ts";
import { Judgement } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import type { Saying } from "./useSlip.ts";

/** Where keys mean something of their own. */
const TYPING = "input, textarea, select, [contenteditable], [role=radio], .ant-modal";

export function JudgePart({ saying }: { saying: Saying }) {
  const { t, language } = useSpeech();
  const { current, judge, busy } = saying;
  useEffect(() => {
    if (!current) return;
    const onKey = (event: KeyboardEvent) => {
      const judgement = judgementOfKey(event.key);
      const typing = event.target instanceof Element && event.target.closest(TYPING) !== null;
      if (judgement === undefined || typing || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      event.preventDefault();
      void judge(current, judgement);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [current, judge]);

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
