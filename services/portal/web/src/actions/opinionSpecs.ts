// What may be done with conversations: forms with the limits of the contract, and the calls that carry them out.
import { timestampFromField } from "../format/times.ts";
import { conversations } from "../rpc/deliberation.ts";
import type { TopicTarget } from "./deliberationSpecs.ts";
import { type ActionSpec, type FieldSpec, text, words } from "./specs.ts";

export const STATEMENT = { kind: "text", name: "text", label: "field.statement", min: 5, max: 200 } as const satisfies FieldSpec;
/** As the dated data have it now; the service tells when it is another. */
const LONGEST_DAYS = 60;

export const openConversation: ActionSpec<TopicTarget> = {
  title: "action.OpenConversation",
  note: "action.OpenConversation.note",
  fields: [
    text("question", "field.conversationQuestion", 5, 500),
    { kind: "ordinal", name: "slips", label: "field.slips", hint: "field.slipsHint", min: 10, max: 20_000 },
    { kind: "time", name: "closesAt", label: "field.conversationCloses", withinDays: LONGEST_DAYS },
  ],
  call: ({ topicId }, values, options) => {
    const closesAt = timestampFromField(words(values, "closesAt"));
    return conversations.openConversation({ topicId, question: words(values, "question"), slips: Number(values.slips), ...(closesAt && { closesAt }) }, options);
  },
};

export interface ConversationTarget {
  conversationId: string;
}

/** Closes a conversation; before its time with a reason. */
export function closeConversation(early: boolean): ActionSpec<ConversationTarget> {
  return {
    title: "action.CloseConversation",
    note: early ? "action.CloseConversation.early" : "action.CloseConversation.note",
    grave: true,
    fields: early ? [text("reason", "field.publicReason", 5, 200)] : [],
    call: ({ conversationId }, values, options) => conversations.closeConversation({ conversationId, reason: words(values, "reason") }, options),
  };
}
