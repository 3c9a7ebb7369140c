// Where a topic came and comes through: its place on an agenda, its ballots, its resolution.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { prepareBallot } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { agendaStatusTone, agendaStatusWord, ballotStatusTone, ballotStatusWord, bodyWord, outcomeTone, outcomeWord, placeInWords } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Ballot, BallotOutcome, BallotStatus } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { agendas, ballots, resolutions } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { Progress } from "../resolutions/GoalTable.tsx";

export function AgendaStation({ topic }: { topic: Topic }) {
  const { t, language } = useSpeech();
  const query = useQuery(topic.agendaId ? `agenda:${topic.agendaId}` : undefined, async (signal) => (await agendas.getAgenda({ agendaId: topic.agendaId }, { signal })).agenda);
  const agenda = query.data;
  const at = agenda?.places.findIndex((place) => place.topicId === topic.topicId) ?? -1;
  const place = agenda?.places[at];
  const votable = msOf(agenda?.votableFrom);
  return (
    <Panel title={t("topic.station.agenda")} testId="station-agenda">
      {query.failure && <FailureLine failure={query.failure} onRetry={query.reload} />}
      {!topic.agendaId && <EmptyNote>{t("topic.noAgenda")}</EmptyNote>}
      {agenda && (
        <div className="stack">
          <p className="row">
            <Mark tone={agendaStatusTone[agenda.status]}>{t(agendaStatusWord[agenda.status])}</Mark>
            <Link to={`/agendas/${agenda.agendaId}`}>{agenda.title}</Link>
            <span className="quiet">{t("agenda.meetsAt", { time: dayAndMinute(msOf(agenda.meetsAt) ?? 0, language) })}</span>
          </p>
          {place && <p data-testid="place-sentence">{placeInWords(place, at + 1, language)}</p>}
          {votable !== undefined && <p className="quiet">{t("topic.votableFrom", { time: dayAndMinute(votable, language) })}</p>}
        </div>
      )}
    </Panel>
  );
}

export function BallotsStation({ topic, onDone }: { topic: Topic; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const list = usePages(`ballots:${topic.topicId}`, async (pageToken, signal) => {
    const answer = await ballots.listBallots({ topicId: topic.topicId, pageSize: 50, pageToken }, { signal });
    return { rows: answer.ballots, nextPageToken: answer.nextPageToken };
  });
  const community = topic.areaCode.slice(0, 12);
  const prepares = topic.status === TopicStatus.SCHEDULED && permits.allows("ballot.prepare", community);
  const adopted = list.rows?.find((ballot) => ballot.outcome === BallotOutcome.ADOPTED);
  const adopts = topic.status === TopicStatus.SCHEDULED && permits.allows("resolution.adopt", community);
  const done = () => {
    list.reload();
    onDone();
  };
  return (
    <Panel title={t("topic.station.ballots")} testId="station-ballots">
      <div className="stack">
        <PagedList list={list}>
          {(rows) => (rows.length === 0 ? <EmptyNote>{t("topic.noBallots")}</EmptyNote> : <ul className="similar">{rows.map((ballot) => <BallotItem key={ballot.ballotId} ballot={ballot} />)}</ul>)}
        </PagedList>
        {(prepares || adopts) && (
          <div className="row">
            {prepares && <ChoiceBar choices={[{ rpc: "PrepareBallot", spec: prepareBallot, target: { topicId: topic.topicId } }]} onDone={done} />}
            {adopts && adopted && (
              <Link className="button button-primary" to={`/topics/${topic.topicId}/adopt?ballot=${adopted.ballotId}`} data-testid="adopt-resolution">
                {t("topic.adopt")}
              </Link>
            )}
          </div>
        )}
      </div>
    </Panel>
  );
}

function BallotItem({ ballot }: { ballot: Ballot }) {
  const { t, language } = useSpeech();
  const closed = ballot.status === BallotStatus.CLOSED;
  const time = (at: typeof ballot.opensAt) => dayAndMinute(msOf(at) ?? 0, language);
  return (
    <li>
      <span className="row">
        <Mark tone={closed ? outcomeTone[ballot.outcome] : ballotStatusTone[ballot.status]}>{t(closed ? outcomeWord[ballot.outcome] : ballotStatusWord[ballot.status])}</Mark>
        <Link to={`/ballots/${ballot.ballotId}`}>{ballot.question}</Link>
      </span>
      <span className="quiet">
        {t(bodyWord[ballot.body])} · {t("ballot.fromTo", { from: time(ballot.opensAt), to: time(ballot.closesAt) })}
      </span>
    </li>
  );
}

export function ResolutionStation({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const query = useQuery(topic.resolutionId ? `resolution:${topic.resolutionId}` : undefined, async (signal) => (await resolutions.getResolution({ resolutionId: topic.resolutionId }, { signal })).resolution);
  return (
    <Panel title={t("topic.station.resolution")} testId="station-resolution">
      {query.failure && <FailureLine failure={query.failure} onRetry={query.reload} />}
      {!topic.resolutionId && <EmptyNote>{t("topic.noResolution")}</EmptyNote>}
      {query.data && (
        <div className="stack">
          <p className="prewrap">
            <Link to={`/resolutions/${query.data.resolutionId}`}>{query.data.text}</Link>
          </p>
          <Progress resolution={query.data} />
        </div>
      )}
    </Panel>
  );
}
