// Where a resident votes: the code of the slip, one of three large buttons, once more to make sure, and what was taken. Nobody signs in and nothing is kept.
import { Button, type InputRef } from "antd";
import { useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { groupedCode, voteWord } from "../../format/deliberation.ts";
import { Choice } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { publicBallots } from "../../rpc/deliberation.ts";
import { failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { CodeField, codeProblemInWords, isWholeCode } from "./CodeField.tsx";
import { OpenFrame } from "./OpenFrame.tsx";

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN];

export default function VotePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const [taken, setTaken] = useState<Choice>();
  usePageTitle(t("cast.title"));
  return (
    <OpenFrame>
      {taken === undefined ? (
        <VoteForm ballotId={id} onTaken={setTaken} />
      ) : (
        <div className="panel" data-testid="vote-taken">
          <div className="panel-body stack" role="status">
            <p className="cast-taken">{t("cast.taken", { choice: t(voteWord[taken]) })}</p>
            <p>{t("cast.takenNote")}</p>
            <Link to={`/ballots/${id}/record`}>{t("cast.record")}</Link>
            <Button size="large" onClick={() => setTaken(undefined)}>
              {t("cast.next")}
            </Button>
          </div>
        </div>
      )}
    </OpenFrame>
  );
}

function VoteForm({ ballotId, onTaken }: { ballotId: string; onTaken: (choice: Choice) => void }) {
  const { t, language } = useSpeech();
  const [code, setCode] = useState("");
  const [choice, setChoice] = useState<Choice>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const codeField = useRef<InputRef>(null);
  const intents = useRef(new IntentKeys());
  const whole = isWholeCode(code);

  const choose = (picked: Choice) => {
    setProblem(whole ? "" : t("ballot.codeNeeded"));
    if (whole) setChoice(picked);
  };
  const cast = async () => {
    if (choice === undefined) return;
    setBusy(true);
    setProblem("");
    try {
      const wanted = { ballotId, code: groupedCode(code), choice };
      const answer = await publicBallots.castVote(wanted, idempotent(intents.current.keyFor(wanted)));
      onTaken(answer.choice);
    } catch (thrown) {
      setProblem(codeProblemInWords(failureOf(thrown), language));
      setChoice(undefined);
      codeField.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="panel" data-testid="vote-form">
      <div className="panel-body stack">
        <h1>{t("cast.title")}</h1>
        <p>{t("cast.intro")}</p>
        <CodeField
          inputRef={codeField}
          value={code}
          onChange={(typed) => {
            setCode(typed);
            setChoice(undefined);
            setProblem("");
          }}
          problem={problem}
        />
        {choice === undefined ? (
          <div className="cast-choices" role="group" aria-label={t("cast.choose")}>
            {CHOICES.map((one) => (
              <Button key={one} size="large" onClick={() => choose(one)} data-testid={`choose-${Choice[one].toLowerCase()}`}>
                {t(voteWord[one])}
              </Button>
            ))}
          </div>
        ) : (
          <div className="cast-choices">
            <Button type="primary" size="large" loading={busy} onClick={() => void cast()} autoFocus data-testid="cast-vote">
              {t("cast.confirm", { choice: t(voteWord[choice]) })}
            </Button>
            <Button size="large" disabled={busy} onClick={() => setChoice(undefined)}>
              {t("cast.change")}
            </Button>
            <p className="quiet">{t("cast.final")}</p>
          </div>
        )}
      </div>
    </div>
  );
}
