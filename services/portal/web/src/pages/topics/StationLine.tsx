// The stations of a topic in one line: raised, on an agenda, talked over and voted on, resolved.
import { useSpeech } from "../../app/language.tsx";
import { StepLine, stepsAround } from "../../components/StepLine.tsx";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";

const STATIONS = ["reasons", "agenda", "deciding", "resolution"] as const;

export function StationLine({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  return <StepLine steps={stepsAround(STATIONS.map((key) => ({ key, name: t(`topic.station.${key}`) })), stationOf(topic))} label={t("topic.life")} testId="stations" />;
}

function stationOf(topic: Topic): number {
  switch (topic.status) {
    case TopicStatus.RESOLVED:
      return 3;
    case TopicStatus.SCHEDULED:
      return 2;
    case TopicStatus.OPEN:
      return topic.agendaId ? 1 : 0;
    case TopicStatus.UNSPECIFIED:
    case TopicStatus.MERGED:
    case TopicStatus.DECLINED:
      return 0;
  }
}
