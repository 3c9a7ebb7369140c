// The topics of a community, newest first, by where they stand; proposing one.
import { Select } from "antd";
import { Link, useSearchParams } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { proposeTopic } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { gateKindWord, raisedByWord, topicStatusTone, topicStatusWord } from "../../format/deliberation.ts";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { topics } from "../../rpc/deliberation.ts";
import { usePlaceName } from "../case/usePlaceName.ts";
import { AreaList } from "./AreaList.tsx";
import { ReasonFigures } from "./ReasonFigures.tsx";
import { useTopicTitle } from "./topicTitle.ts";

const STATUSES = [TopicStatus.UNSPECIFIED, TopicStatus.OPEN, TopicStatus.SCHEDULED, TopicStatus.RESOLVED, TopicStatus.MERGED, TopicStatus.DECLINED];

export default function TopicsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [query, setQuery] = useSearchParams();
  const status = STATUSES.find((one) => String(one) === query.get("status")) ?? TopicStatus.UNSPECIFIED;
  const choose = (value: TopicStatus) => {
    const next = new URLSearchParams(query);
    next.set("status", String(value));
    setQuery(next, { replace: true });
  };
  return (
    <AreaList
      name="topics"
      about="topics.about"
      empty={status === TopicStatus.UNSPECIFIED ? "topics.empty" : "topics.emptyStatus"}
      by={status}
      read={async (areaCode, pageToken, signal) => {
        const answer = await topics.listTopics({ areaCode, status, pageSize: 50, pageToken }, { signal });
        return { rows: answer.topics, nextPageToken: answer.nextPageToken };
      }}
      beside={(area, reload) => (
        <>
          <Select aria-label={t("topics.status")} value={status} onChange={choose} options={STATUSES.map((value) => ({ value, label: t(topicStatusWord[value]) }))} />
          {area.length >= 12 && permits.allows("topic.propose", area) && <ChoiceBar choices={[{ rpc: "ProposeTopic", spec: proposeTopic(area), target: {} }]} onDone={reload} />}
        </>
      )}
      card={(topic) => <TopicCard key={topic.topicId} topic={topic} />}
    />
  );
}

function TopicCard({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const { categoryName } = useReference();
  const place = usePlaceName(topic.areaCode);
  const title = useTopicTitle();
  return (
    <li className="panel card" data-testid={`topic-${topic.topicId}`} data-status={TopicStatus[topic.status].toLowerCase()}>
      <p className="row">
        <Mark tone={topicStatusTone[topic.status]}>{t(topicStatusWord[topic.status])}</Mark>
        {topic.gate && <Mark tone="bad">{t("topic.gateLine", { kind: t(gateKindWord[topic.gate.kind]), day: topic.gate.dueOn })}</Mark>}
        <span className="quiet">
          {place} · {categoryName(topic.categoryCode)} · {t(raisedByWord[topic.raisedBy])}
        </span>
      </p>
      <h2 className="card-title">
        <Link to={`/topics/${topic.topicId}`}>{title(topic)}</Link>
      </h2>
      {topic.question && <p>{topic.question}</p>}
      {topic.reasons && <ReasonFigures reasons={topic.reasons} small />}
    </li>
  );
}
