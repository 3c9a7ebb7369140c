// Motions that were decided: what came of each, how it was voted and what was counted; and the way from a carried one to a resolution.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { countInWords, methodWord, motionOutcomeTone, motionOutcomeWord } from "../../format/meetings.ts";
import { rollCallInWords } from "../../format/minutes.ts";
import { minuteOfDay, msOf } from "../../format/times.ts";
import { type DecidedMotion, type Meeting, MeetingStatus, MotionOutcome } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { useKnownTopic, useTitles } from "../agendas/topicTitles.tsx";
import { useMeetingRoom } from "./room.tsx";

export function DecidedPanel() {
  const { t } = useSpeech();
  const { meeting } = useMeetingRoom();
  return (
    <Panel title={t("meeting.decided")} testId="decided">
      {meeting.decided.length === 0 && <EmptyNote>{t("meeting.decidedNone")}</EmptyNote>}
      <ul className="similar">
        {meeting.decided.map((motion) => (
          <Decided key={motion.number} motion={motion} meeting={meeting} />
        ))}
      </ul>
    </Panel>
  );
}

function Decided({ motion, meeting }: { motion: DecidedMotion; meeting: Meeting }) {
  const { t, language } = useSpeech();
  const titles = useTitles();
  return (
    <li data-testid={`decided-${motion.number}`} data-outcome={MotionOutcome[motion.outcome].toLowerCase()}>
      <span className="row">
        <Mark tone={motionOutcomeTone[motion.outcome]}>{t(motionOutcomeWord[motion.outcome])}</Mark>
        <strong>{t("meeting.motionNumber", { n: motion.number })}</strong>
        <Link to={`/topics/${motion.topicId}`}>{titles(motion.topicId)}</Link>
      </span>
      <p className="prewrap">{motion.text}</p>
      <span className="quiet">
        {t(methodWord[motion.method])} · {countInWords(motion.count, language)} · {minuteOfDay(msOf(motion.decidedAt) ?? 0, language)}
      </span>
      {motion.rollCall.length > 0 && (
        <details>
          <summary className="quiet">{t("meeting.rollCall")}</summary>
          <p>{rollCallInWords(motion.rollCall, language)}</p>
        </details>
      )}
      {motion.outcome === MotionOutcome.CARRIED && <WayOn motion={motion} meeting={meeting} />}
    </li>
  );
}

/** A resolution rests on what was carried once the meeting is closed. */
function WayOn({ motion, meeting }: { motion: DecidedMotion; meeting: Meeting }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const topic = useKnownTopic(motion.topicId);
  if (topic?.status === TopicStatus.RESOLVED) return topic.resolutionId ? <Link to={`/resolutions/${topic.resolutionId}`}>{t("resolution.title")}</Link> : null;
  if (meeting.status !== MeetingStatus.CLOSED) return <span className="quiet">{t("meeting.adoptAfter")}</span>;
  if (topic?.status !== TopicStatus.SCHEDULED || !permits.allows("resolution.adopt", meeting.areaCode)) return null;
  return (
    <span className="row">
      <Link className="button button-primary" to={`/topics/${motion.topicId}/adopt?motion=${meeting.meetingId}:${motion.number}`} data-testid={`adopt-motion-${motion.number}`}>
        {t("topic.adopt")}
      </Link>
    </span>
  );
}
