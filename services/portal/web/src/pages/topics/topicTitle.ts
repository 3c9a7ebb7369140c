// What a topic is called, also while nobody has worded it.
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import type { Topic } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";

export function useTopicTitle(): (topic: Pick<Topic, "title" | "categoryCode">) => string {
  const { t } = useSpeech();
  const { categoryName } = useReference();
  return (topic) => topic.title || t("topic.unworded", { category: categoryName(topic.categoryCode) });
}
