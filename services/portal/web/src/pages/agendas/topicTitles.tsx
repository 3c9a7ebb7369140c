// Titles behind the ids of topics that an agenda holds; each is read once.
import { createContext, type ReactNode, useContext } from "react";
import type { Topic } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { topics } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useTopicTitle } from "../topics/topicTitle.ts";

const Titles = createContext<ReadonlyMap<string, Topic>>(new Map());

export function TopicTitles({ ids, children }: { ids: readonly string[]; children: ReactNode }) {
  const wanted = ids.filter((id) => id !== "").sort();
  const read = useQuery(`titles:${wanted.join(",")}`, async (signal) => {
    const answers = await Promise.allSettled(wanted.map((topicId) => topics.getTopic({ topicId }, { signal })));
    return new Map(answers.flatMap((answer) => (answer.status === "fulfilled" && answer.value.topic ? [[answer.value.topic.topicId, answer.value.topic] as const] : [])));
  });
  return <Titles value={read.data ?? new Map()}>{children}</Titles>;
}

/** A topic whose title was read. */
export function useKnownTopic(id: string): Topic | undefined {
  return useContext(Titles).get(id);
}

/** The title of a topic; the end of its id until it is read. */
export function useTitles(): (id: string) => string {
  const known = useContext(Titles);
  const title = useTopicTitle();
  return (id) => {
    const topic = known.get(id);
    return topic ? title(topic) : `…${id.slice(-6)}`;
  };
}
