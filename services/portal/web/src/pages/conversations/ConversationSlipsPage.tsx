// The slips of a conversation, mixed: residents draw them like papers from a hat.
import { useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { msOf } from "../../format/times.ts";
import { conversations } from "../../rpc/deliberation.ts";
import { SlipSheet, SlipText } from "../slips/SlipSheet.tsx";
import { useConversation } from "./useConversation.ts";

export default function ConversationSlipsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  usePageTitle(t("opinionSlips.title"));
  const query = useConversation(id);
  const conversation = query.data;
  const back = `/conversations/${id}`;
  if (!conversation) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("conversation.open", conversation.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: back }} />;
  return (
    <SlipSheet
      back={{ label: t("map.title"), to: back }}
      note={t("conversation.slipsNote")}
      count={conversation.slips}
      printed={conversation.slipsPrintedAt !== undefined}
      make={async (options) => (await conversations.printConversationSlips({ conversationId: id }, options)).codes}
      slip={(code) => <SlipText question={conversation.question} code={code} howTo={t("opinionSlips.howTo")} votePath={`${back}/say`} closesMs={msOf(conversation.closesAt) ?? 0} />}
    />
  );
}
