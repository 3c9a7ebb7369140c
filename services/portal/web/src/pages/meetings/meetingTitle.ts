// What a meeting is called: by its topics, for want of a name of its own. Needs their titles above it.
import { useSpeech } from "../../app/language.tsx";
import type { Meeting } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useTitles } from "../agendas/topicTitles.tsx";

export function useMeetingTitle(): (meeting: Pick<Meeting, "topicIds">) => string {
  const { t } = useSpeech();
  const titles = useTitles();
  return ({ topicIds }) => t(topicIds.length > 1 ? "meeting.titleMore" : "meeting.title", { topic: titles(topicIds[0] ?? ""), n: topicIds.length });
}
