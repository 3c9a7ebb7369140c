// A conversation and its opinion map: what people agree on first, then who judges alike, then the picture with all statements beside it.
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { ErrorNotice, StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { stageOf } from "../../format/opinions.ts";
import type { OpinionMap } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";
import { conversations } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import { ConversationFacts, ConversationHead } from "./ConversationHead.tsx";
import { GroupsPanel } from "./GroupsPanel.tsx";
import { MapPart } from "./MapPart.tsx";
import { TogetherPanel } from "./TogetherPanel.tsx";
import { useConversation } from "./useConversation.ts";
import "../topics/topics.css";
import "./conversations.css";

const POLL_MS = 15_000;
// One map is drawn at a time; whoever comes first waits for it.
const DRAWN_WITHIN_MS = 30_000;

export default function ConversationPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const now = useNow();
  const query = useConversation(id);
  const conversation = query.data;
  const readMap = async (signal: AbortSignal): Promise<OpinionMap> => {
    const { map } = await conversations.getOpinionMap({ conversationId: id }, { signal, timeoutMs: DRAWN_WITHIN_MS });
    if (!map) throw new TypeError("the answer holds no map");
    return map;
  };
  const map = useQuery(conversation && `map:${id}`, readMap);
  const stage = conversation && stageOf(conversation, now);
  const stale = useVisiblePoll(stage === "open" && map.data !== undefined, POLL_MS, async (signal) => map.replace(await readMap(signal)));
  usePageTitle(conversation?.question);
  if (!conversation || !stage) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton />;
  const reload = () => {
    query.reload();
    map.reload();
  };
  return (
    <div className="page" data-testid="conversation-page" data-stage={stage}>
      <Link className="back" to={`/topics/${conversation.topicId}`}>
        {t("map.back")}
      </Link>
      <ConversationHead conversation={conversation} stage={stage} onDone={reload} />
      <StaleLine failure={stale} />
      <ConversationFacts conversation={conversation} map={map.data} stage={stage} />
      {!map.data && (map.failure ? <ErrorNotice failure={map.failure} onRetry={map.reload} /> : <PageSkeleton blocks={2} />)}
      {map.data && (
        <>
          <TogetherPanel map={map.data} />
          <GroupsPanel map={map.data} />
          <MapPart map={map.data} />
        </>
      )}
    </div>
  );
}
