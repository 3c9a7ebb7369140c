// Topics that may ask for the same; a person confirms that they do.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { mergeTopic } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import type { SimilarTopic, Topic } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { topics } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useNavigate } from "react-router";
import { useTopicTitle } from "./topicTitle.ts";

export function SimilarTopics({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const list = useQuery(`similar:${topic.topicId}:${topic.version}`, async (signal) => (await topics.listSimilarTopics({ topicId: topic.topicId }, { signal })).topics);
  const decides = permits.allows("topic.decide", topic.areaCode.slice(0, 12));
  return (
    <Panel title={t("topic.similar")} testId="similar-topics">
      {list.failure && <FailureLine failure={list.failure} onRetry={list.reload} />}
      {list.data?.length === 0 && <EmptyNote>{t("topic.similarNone")}</EmptyNote>}
      <ul className="similar">{list.data?.map((one) => <SimilarItem key={one.topic?.topicId} of={topic} similar={one} decides={decides} />)}</ul>
    </Panel>
  );
}

function SimilarItem({ of, similar, decides }: { of: Topic; similar: SimilarTopic; decides: boolean }) {
  const { t } = useSpeech();
  const title = useTopicTitle();
  const navigate = useNavigate();
  const other = similar.topic;
  if (!other) return null;
  return (
    <li>
      <Link to={`/topics/${other.topicId}`}>{title(other)}</Link>
      <span className="row quiet">
        {t("topic.likeness", { percent: `${Math.round(similar.likeness * 100)}%` })} {similar.sameCategory && <Mark tone="neutral">{t("topic.sameCategory")}</Mark>}
      </span>
      {decides && (
        <ChoiceBar
          choices={[{ rpc: "MergeTopic", spec: mergeTopic, target: { topicId: of.topicId, intoTopicId: other.topicId }, title: `${t("action.MergeTopic")}: ${title(other)}`, testId: `action-MergeTopic-${other.topicId}` }]}
          onDone={() => navigate(`/topics/${other.topicId}`)}
        />
      )}
    </li>
  );
}
