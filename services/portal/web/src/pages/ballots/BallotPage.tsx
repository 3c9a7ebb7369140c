// A ballot: how it is decided, its roll and slips, the votes on paper, what was counted and who signed the record.
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { type BallotTarget, closeBallot, publishBallot } from "../../actions/deliberationSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { ballotStatusTone, ballotStatusWord, bodyWord, outcomeTone, outcomeWord, secrecyWord, shareInWords } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Ballot, BallotStatus } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { ballots } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { SlipsPart } from "../slips/SlipsPart.tsx";
import { PaperPanel } from "./PaperPanel.tsx";
import { RecordPanel } from "./RecordPanel.tsx";
import { ResultPanel } from "./ResultPanel.tsx";
import { RollPanel } from "./RollPanel.tsx";
import "./ballots.css";

const POLL_MS = 5000;

export default function BallotPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const read = async (signal: AbortSignal) => {
    const { ballot } = await ballots.getBallot({ ballotId: id }, { signal });
    if (!ballot) throw new TypeError("the answer holds no ballot");
    return ballot;
  };
  const query = useQuery(`ballot:${id}`, read);
  const ballot = query.data;
  const stale = useVisiblePoll(ballot?.status === BallotStatus.PUBLISHED, POLL_MS, async (signal) => query.replace(await read(signal)));
  usePageTitle(ballot?.question);
  if (!ballot) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  return (
    <div className="page" data-testid="ballot-page" data-status={BallotStatus[ballot.status].toLowerCase()}>
      <Link className="back" to={`/topics/${ballot.topicId}`}>
        {t("ballot.back")}
      </Link>
      <BallotHead ballot={ballot} onDone={query.reload} />
      <StaleLine failure={stale} />
      {ballot.status === BallotStatus.CLOSED && <ResultPanel ballot={ballot} />}
      <BallotFacts ballot={ballot} />
      {ballot.status === BallotStatus.PREPARED && <RollPanel ballot={ballot} onEntered={query.replace} />}
      {ballot.status === BallotStatus.PUBLISHED && (
        <SlipsPart stays={t("ballot.published")} note={t("ballot.slipsNote")} printedAt={ballot.slipsPrintedAt} prints="ballot.print" areaCode={ballot.areaCode} printTo={`/ballots/${ballot.ballotId}/slips`} votePath={`/vote/${ballot.ballotId}`} />
      )}
      {ballot.status === BallotStatus.PUBLISHED && <PaperPanel ballot={ballot} onEntered={query.reload} />}
      {ballot.status === BallotStatus.CLOSED && <RecordPanel ballot={ballot} onDone={query.reload} />}
    </div>
  );
}

function BallotHead({ ballot, onDone }: { ballot: Ballot; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const now = useNow();
  const [opens, closes] = [msOf(ballot.opensAt) ?? 0, msOf(ballot.closesAt) ?? 0];
  const target = { ballotId: ballot.ballotId };
  const may = (permission: string) => permits.allows(permission, ballot.areaCode);
  const choices: Choice<BallotTarget>[] = [];
  if (ballot.status === BallotStatus.PREPARED && ballot.electors > 0 && may("ballot.prepare")) choices.push({ rpc: "PublishBallot", spec: publishBallot, target });
  const over = now >= closes || (ballot.electors > 0 && ballot.votes === ballot.electors);
  if (ballot.status === BallotStatus.PUBLISHED && over && may("ballot.close")) choices.push({ rpc: "CloseBallot", spec: closeBallot, target });
  const published = ballot.status === BallotStatus.PUBLISHED;
  return (
    <div className="page-head">
      <h1>{ballot.question}</h1>
      <p className="row">
        <Mark tone={ballotStatusTone[ballot.status]}>{t(ballotStatusWord[ballot.status])}</Mark>
        {published && now >= opens && <Mark tone="active">{t(now < closes ? "ballot.open" : "ballot.ended")}</Mark>}
        {ballot.status === BallotStatus.CLOSED && <Mark tone={outcomeTone[ballot.outcome]}>{t(outcomeWord[ballot.outcome])}</Mark>}
      </p>
      <ChoiceBar choices={choices} onDone={onDone} first={choices[0]} />
    </div>
  );
}

function BallotFacts({ ballot }: { ballot: Ballot }) {
  const { t, language } = useSpeech();
  const time = (at: typeof ballot.opensAt) => dayAndMinute(msOf(at) ?? 0, language);
  const rule = ballot.threshold;
  const open = ballot.status === BallotStatus.PUBLISHED;
  return (
    <Panel title={t("ballot.threshold")} testId="ballot-threshold">
      <Pairs>
        <Pair name={t("ballot.body")}>{t(bodyWord[ballot.body])}</Pair>
        <Pair name={t("ballot.secrecy")}>{t(secrecyWord[ballot.secrecy])}</Pair>
        <Pair name={t("ballot.times")} width="two">
          {t("ballot.fromTo", { from: time(ballot.opensAt), to: time(ballot.closesAt) })}
        </Pair>
        {rule?.quorum && <Pair name={t("ballot.quorum")}>{shareInWords(rule.quorum, language)}</Pair>}
        {rule?.approval && <Pair name={t("ballot.approval")}>{shareInWords(rule.approval, language)}</Pair>}
        <Pair name={t("ballot.electors")}>{ballot.electors}</Pair>
        {open && <Pair name={t("ballot.votes")}>{ballot.votes > 0 ? ballot.votes : <span className="quiet">{t("ballot.votesHidden")}</span>}</Pair>}
        {open && ballot.halfEntered > 0 && <Pair name={t("ballot.half")}>{ballot.halfEntered}</Pair>}
        {rule && (
          <Pair name={t("ballot.source")} width="all">
            {rule.source}
            <br />
            <span className="quiet">
              {t("ballot.since", { rule: rule.rule, day: rule.since })} · {t(rule.byArea ? "ballot.byArea" : "ballot.byHeads")}
            </span>
          </Pair>
        )}
      </Pairs>
    </Panel>
  );
}
