// The topics of a community, newest first, by where they stand; proposing one.
import { Select } from "antd";
import { Link, useSearchParams } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { proposeTopic } from "../../actions/deliberationSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { gateKindWord, raisedByWord, topicStatusTone, topicStatusWord } from "../../format/deliberation.ts";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { topics } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { usePlaceName } from "../case/usePlaceName.ts";
import { AreaChoice, DeliberationTabs } from "./DeliberationTabs.tsx";
import { ReasonFigures } from "./ReasonFigures.tsx";
import { useTopicTitle } from "./topicTitle.ts";
import "../lists.css";
import "./topics.css";

const STATUSES = [TopicStatus.UNSPECIFIED, TopicStatus.OPEN, TopicStatus.SCHEDULED, TopicStatus.RESOLVED, TopicStatus.MERGED, TopicStatus.DECLINED];

export default function TopicsPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  const status = STATUSES.find((one) => String(one) === query.get("status")) ?? TopicStatus.UNSPECIFIED;
  usePageTitle(t("topics.title", { area: areaName(area) }));
  const list = usePages(own === "" ? undefined : `topics:${area}:${status}`, async (pageToken, signal) => {
    const answer = await topics.listTopics({ areaCode: area, status, pageSize: 50, pageToken }, { signal });
    return { rows: answer.topics, nextPageToken: answer.nextPageToken };
  });
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;

  const change = (name: string, value: string) => {
    const next = new URLSearchParams(query);
    next.set(name, value);
    setQuery(next, { replace: true });
  };
  const proposes = area.length >= 12 && permits.allows("topic.propose", area);
  return (
    <div className="page" data-testid="topics">
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{t("topics.title", { area: areaName(area) })}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={(value) => change("area", value)} />
          <Select aria-label={t("topics.status")} value={status} onChange={(value) => change("status", String(value))} options={STATUSES.map((value) => ({ value, label: t(topicStatusWord[value]) }))} />
          {proposes && <ChoiceBar choices={[{ rpc: "ProposeTopic", spec: proposeTopic(area), target: {} }]} onDone={list.reload} />}
        </div>
      </div>
      <p className="quiet">{t("topics.about")}</p>
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t(status === TopicStatus.UNSPECIFIED ? "topics.empty" : "topics.emptyStatus")}</EmptyNote>
            </div>
          ) : (
            <ul className="cards">
              {rows.map((topic) => (
                <TopicCard key={topic.topicId} topic={topic} />
              ))}
            </ul>
          )
        }
      </PagedList>
    </div>
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
