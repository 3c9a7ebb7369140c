// Reads one conversation.
import { conversations } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";

export function useConversation(id: string) {
  return useQuery(`conversation:${id}`, async (signal) => {
    const { conversation } = await conversations.getConversation({ conversationId: id }, { signal });
    if (!conversation) throw new TypeError("the answer holds no conversation");
    return conversation;
  });
}
