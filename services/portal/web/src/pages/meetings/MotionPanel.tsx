// The motion before the meeting: its words, who moved and seconded it, how far it is, and an amendment beside the words that it would change.
import { useMemo } from "react";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { StepLine, stepsAround } from "../../components/StepLine.tsx";
import { phaseWord } from "../../format/meetings.ts";
import { differenceOf } from "../../format/wording.ts";
import { type Amendment, MotionPhase } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useTitles } from "../agendas/topicTitles.tsx";
import { useMeetingRoom } from "./room.tsx";

const PHASES: readonly MotionPhase[] = [MotionPhase.MOVED, MotionPhase.SECONDED, MotionPhase.DEBATED, MotionPhase.DEBATE_CLOSED];

export function MotionPanel() {
  const { t } = useSpeech();
  const { meeting, seatName } = useMeetingRoom();
  const titles = useTitles();
  const { motion } = meeting;
  if (!motion) {
    return (
      <Panel title={t("meeting.motion")} testId="motion">
        <EmptyNote>{t("meeting.noMotion")}</EmptyNote>
      </Panel>
    );
  }
  const steps = stepsAround(PHASES.map((phase) => ({ key: String(phase), name: t(phaseWord[phase]) })), PHASES.indexOf(motion.phase));
  return (
    <Panel title={t("meeting.motionNumber", { n: motion.number })} note={<Link to={`/topics/${motion.topicId}`}>{titles(motion.topicId)}</Link>} testId="motion">
      <div className="stack">
        <StepLine steps={steps} label={t("meeting.motion")} testId="motion-phase" />
        {motion.amendment ? <Amended before={motion.text} amendment={motion.amendment} /> : <p className="topic-question prewrap">{motion.text}</p>}
        <Pairs>
          <Pair name={t("meeting.movedBy")}>{seatName(motion.moverSeat)}</Pair>
          <Pair name={t("meeting.secondedBy")}>{motion.seconderSeat > 0 ? seatName(motion.seconderSeat) : <span className="quiet">{t("meeting.waitsSecond")}</span>}</Pair>
        </Pairs>
      </div>
    </Panel>
  );
}

function Amended({ before, amendment }: { before: string; amendment: Amendment }) {
  const { t } = useSpeech();
  const { seatName } = useMeetingRoom();
  const parts = useMemo(() => differenceOf(before, amendment.text), [before, amendment.text]);
  return (
    <div className="amended" data-testid="amendment">
      <div>
        <h3>{t("meeting.motionText")}</h3>
        <p className="prewrap">{parts.map((part, at) => (part.kind === "gone" ? <del key={at}>{part.text}</del> : part.kind === "same" ? part.text : null))}</p>
      </div>
      <div>
        <h3>{t("meeting.amendment")}</h3>
        <p className="prewrap">{parts.map((part, at) => (part.kind === "new" ? <ins key={at}>{part.text}</ins> : part.kind === "same" ? part.text : null))}</p>
        <p className="quiet">
          {t("meeting.movedBy")}: {seatName(amendment.moverSeat)} · {t("meeting.secondedBy")}: {amendment.seconderSeat > 0 ? seatName(amendment.seconderSeat) : t("meeting.waitsSecond")} · {t("meeting.amendmentNote")}
        </p>
      </div>
    </div>
  );
}
