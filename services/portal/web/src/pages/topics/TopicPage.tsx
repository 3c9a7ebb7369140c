// The life of a topic on one page: what it asks, what speaks for it, and its stations up to the resolution.
import { useCallback } from "react";
import { Link, useParams } from "react-router";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { declineTopic, gateTopic, supportTopic, type TopicTarget, wordTopic } from "../../actions/deliberationSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { gateKindWord, raisedByWord, topicStatusTone, topicStatusWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { RaisedBy, type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { topics } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { usePlaceName } from "../case/usePlaceName.ts";
import { FundsStation } from "./FundsStation.tsx";
import { PoolsStation } from "./PoolsStation.tsx";
import { MeetingStation } from "./MeetingStation.tsx";
import { ReasonFigures } from "./ReasonFigures.tsx";
import { SimilarTopics } from "./SimilarTopics.tsx";
import { AgendaStation, BallotsStation, ResolutionStation } from "./Stations.tsx";
import { BalancesStation, ConversationsStation } from "./OpinionStations.tsx";
import { StationLine } from "./StationLine.tsx";
import { useTopicTitle } from "./topicTitle.ts";
import "../lists.css";
import "./topics.css";

export default function TopicPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const title = useTopicTitle();
  const query = useQuery(`topic:${id}`, async (signal) => {
    const { topic } = await topics.getTopic({ topicId: id }, { signal });
    if (!topic) throw new TypeError("the answer holds no topic");
    return topic;
  });
  const topic = query.data;
  usePageTitle(topic && title(topic));
  if (!topic) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  return <TopicView topic={topic} onDone={query.reload} />;
}

function TopicView({ topic, onDone }: { topic: Topic; onDone: () => void }) {
  const { t } = useSpeech();
  const title = useTopicTitle();
  const reasons = topic.reasons;
  return (
    <div className="page" data-testid="topic-page" data-status={TopicStatus[topic.status].toLowerCase()}>
      <Link className="back" to={`/topics?area=${topic.areaCode.slice(0, 12)}`}>
        {t("topics.back")}
      </Link>
      <div className="page-head">
        <h1 data-testid="topic-title">{title(topic)}</h1>
        <p className="row">
          <Mark tone={topicStatusTone[topic.status]}>{t(topicStatusWord[topic.status])}</Mark>
          {topic.gate && <Mark tone="bad">{t("topic.gateLine", { kind: t(gateKindWord[topic.gate.kind]), day: topic.gate.dueOn })}</Mark>}
        </p>
        {topic.status === TopicStatus.DECLINED && <p className="topic-reason prewrap">{t("topic.declinedFor", { reason: topic.reason })}</p>}
        {topic.status === TopicStatus.MERGED && (
          <p className="topic-reason prewrap">
            {t("topic.mergedFor", { reason: topic.reason })} <Link to={`/topics/${topic.mergedInto}`}>{t("topic.seeOther")}</Link>
          </p>
        )}
      </div>
      <StationLine topic={topic} />
      <div className="topic-columns">
        <div className="stack">
          <TopicFacts topic={topic} />
          {reasons && (
            <Panel title={t("topic.reasons")} note={t("topic.reasonsNote")}>
              <ReasonFigures reasons={reasons} />
            </Panel>
          )}
          <AgendaStation topic={topic} />
          <ConversationsStation topic={topic} />
          <PoolsStation topic={topic} />
          <BalancesStation topic={topic} />
          <MeetingStation topic={topic} onDone={onDone} />
          <BallotsStation topic={topic} onDone={onDone} />
          <FundsStation topic={topic} />
          <ResolutionStation topic={topic} />
        </div>
        <div className="stack topic-side">
          <TopicActions topic={topic} onDone={onDone} />
          {topic.status === TopicStatus.OPEN && <SimilarTopics topic={topic} />}
        </div>
      </div>
    </div>
  );
}

function TopicFacts({ topic }: { topic: Topic }) {
  const { t, language } = useSpeech();
  const { categoryName } = useReference();
  const place = usePlaceName(topic.areaCode);
  return (
    <Panel title={t("topic.question")}>
      <div className="stack">
        {topic.question ? <p className="topic-question prewrap">{topic.question}</p> : <p className="quiet">{t("topic.unwordedNote")}</p>}
        <Pairs>
          <Pair name={t("topic.why")}>{t(raisedByWord[topic.raisedBy])}</Pair>
          <Pair name={t("topic.area")}>{place}</Pair>
          <Pair name={t("topic.category")}>{categoryName(topic.categoryCode)}</Pair>
          <Pair name={t("topic.proposedAt")}>{dayAndMinute(msOf(topic.proposedAt) ?? 0, language)}</Pair>
          {topic.gate && (
            <Pair name={t("topic.gate")} width="all">
              {t("topic.gateLine", { kind: t(gateKindWord[topic.gate.kind]), day: topic.gate.dueOn })} <span className="quiet">{t("topic.gateSource", { source: topic.gate.source })}</span>
            </Pair>
          )}
        </Pairs>
      </div>
    </Panel>
  );
}

function TopicActions({ topic, onDone }: { topic: Topic; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const may = useCallback((permission: string) => permits.allows(permission, topic.areaCode.slice(0, 12)), [permits, topic.areaCode]);
  const target = { topicId: topic.topicId };
  const open = topic.status === TopicStatus.OPEN;
  const unworded = topic.raisedBy !== RaisedBy.UNSPECIFIED && topic.title === "";
  const choices: Choice<TopicTarget>[] = [];
  if (open && may("topic.support")) choices.push({ rpc: "SupportTopic", spec: supportTopic(topic.areaCode.slice(0, 12)), target });
  if (open && may("topic.decide")) {
    choices.push({ rpc: "WordTopic", spec: wordTopic, target }, { rpc: "GateTopic", spec: gateTopic, target }, { rpc: "DeclineTopic", spec: declineTopic, target });
  }
  if (choices.length === 0) return null;
  const first = choices.find((choice) => choice.rpc === (unworded ? "WordTopic" : "SupportTopic"));
  return (
    <div className="panel">
      <div className="panel-body stack">
        {unworded && <p className="quiet">{t("topic.unwordedNote")}</p>}
        <ChoiceBar choices={choices} onDone={onDone} first={first} />
      </div>
    </div>
  );
}
