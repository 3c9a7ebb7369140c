// Where a resident votes: what is asked, the code of the slip, one of three large buttons, once more to make sure, and what was taken. Nobody signs in and nothing is kept.
import { Button, type InputRef } from "antd";
import { useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { bodyWord, groupedCode, isWholeCode, secrecyNoteWord, secrecyWord, voteWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type BallotNotice, BallotStatus, Choice } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { publicBallots } from "../../rpc/deliberation.ts";
import { failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { CodeField, codeProblemInWords } from "./CodeField.tsx";
import { NotNow } from "./NotNow.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN];

export default function VotePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("cast.title"));
  const query = useQuery(`notice:${id}`, async (signal) => {
    const { notice } = await publicBallots.getBallotNotice({ ballotId: id }, { signal });
    if (!notice) throw new TypeError("the answer holds no notice");
    return notice;
  });
  return (
    <OpenFrame>
      <PublicReading query={query} none={t("cast.none")}>
        {(notice) => (
          <>
            <NoticePanel notice={notice} />
            <Booth ballotId={id} notice={notice} />
          </>
        )}
      </PublicReading>
    </OpenFrame>
  );
}

/** What is voted on, by whom, and who can see it. */
function NoticePanel({ notice }: { notice: BallotNotice }) {
  const { t, language } = useSpeech();
  return (
    <div className="panel" data-testid="ballot-notice">
      <div className="panel-body stack">
        <h1>{notice.question}</h1>
        <Pairs>
          <Pair name={t("ballot.body")}>{t(bodyWord[notice.body])}</Pair>
          <Pair name={t("cast.until")}>{dayAndMinute(msOf(notice.closesAt) ?? 0, language)}</Pair>
          <Pair name={t("ballot.secrecy")} width="all">
            {t(secrecyWord[notice.secrecy])} <span className="quiet">· {t(secrecyNoteWord[notice.secrecy])}</span>
          </Pair>
        </Pairs>
      </div>
    </div>
  );
}

/** Where votes are cast, as long as they are. */
function Booth({ ballotId, notice }: { ballotId: string; notice: BallotNotice }) {
  const { t, language } = useSpeech();
  const now = useNow();
  const [taken, setTaken] = useState<Choice>();
  const [opens, closes] = [msOf(notice.opensAt) ?? 0, msOf(notice.closesAt) ?? 0];
  const counted = notice.status === BallotStatus.CLOSED;
  const record = { to: `/ballots/${ballotId}/record`, label: t("cast.record") };
  if (taken !== undefined) {
    return (
      <div className="panel" data-testid="vote-taken">
        <div className="panel-body stack" role="status">
          <p className="cast-taken">{t("cast.taken", { choice: t(voteWord[taken]) })}</p>
          <p>{t("cast.takenNote")}</p>
          <Link to={record.to}>{record.label}</Link>
          <Button size="large" onClick={() => setTaken(undefined)}>
            {t("cast.next")}
          </Button>
        </div>
      </div>
    );
  }
  if (counted) return <NotNow title={t("cast.counted")} way={record} />;
  if (now >= closes) return <NotNow title={t("cast.ended", { time: dayAndMinute(closes, language) })} detail={t("cast.endedNote")} />;
  if (now < opens) return <NotNow title={t("cast.notYet", { time: dayAndMinute(opens, language) })} detail={t("cast.notYetNote")} />;
  return <VoteForm ballotId={ballotId} onTaken={setTaken} />;
}

function VoteForm({ ballotId, onTaken }: { ballotId: string; onTaken: (choice: Choice) => void }) {
  const { t, language } = useSpeech();
  const [code, setCode] = useState("");
  const [choice, setChoice] = useState<Choice>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const codeField = useRef<InputRef>(null);
  const intents = useRef(new IntentKeys());

  const choose = (picked: Choice) => {
    const whole = isWholeCode(code);
    setProblem(whole ? "" : t("ballot.codeNeeded"));
    if (whole) setChoice(picked);
    else codeField.current?.focus();
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
        <p>{t("cast.intro")}</p>
        <CodeField
          ref={codeField}
          value={code}
          hint={t("cast.codeHint")}
          problem={problem}
          onChange={(typed) => {
            setCode(typed);
            setChoice(undefined);
            setProblem("");
          }}
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
