// What a meeting waits for, in a sentence, and what can be done about it: first what comes next, by one touch, then everything else that the rules allow now.
import { Button } from "antd";
import { type Choice, ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { closeDebate, closeMeeting, correctSpeech, lapse, makeRuling, type MeetingTarget, moveAmendment, moveMotion, voteOnAmendment, voteOnMotion } from "../../actions/meetingSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { clockFace, neededOf, sideWord, type Waiting, waitsFor } from "../../format/meetings.ts";
import { MeetingStatus, type SpeakingTurn } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import { useTitles } from "../agendas/topicTitles.tsx";
import { useMeetingRoom } from "./room.tsx";
import { useTurnLeft } from "./useTurnLeft.ts";

export function NextStep() {
  const { t } = useSpeech();
  const { meeting, failure, reload } = useMeetingRoom();
  const waiting = waitsFor(meeting);
  const sentence = useSentence(waiting);
  const { first, more } = useChoices(waiting);
  return (
    <section className="panel next-step" aria-label={t("meeting.next")} data-testid="next-step" data-waiting={waiting}>
      <div className="panel-body stack">
        {meeting.motion && (
          <p className="next-motion">
            <strong>{t("meeting.motionNumber", { n: meeting.motion.number })}</strong> {meeting.motion.text}
          </p>
        )}
        <p className="next-words" aria-live="polite">
          {sentence}
        </p>
        {failure && <FailureLine failure={failure} />}
        <OneTouch waiting={waiting} />
        {/* One bar for both, so that a form which is open stays so when something else comes next. */}
        <ChoiceBar choices={[...first, ...more]} first={first[0]} onDone={reload} />
      </div>
    </section>
  );
}

function useSentence(waiting: Waiting): string {
  const { t } = useSpeech();
  const { meeting, chairs, records, seatName } = useMeetingRoom();
  const next = meeting.queue[0];
  switch (waiting) {
    case "opening":
      return t(chairs ? "meeting.wait.opening" : "meeting.wait.openingOther");
    case "second":
    case "amendment_second":
      return t(records ? `meeting.wait.${waiting}` : `meeting.wait.${waiting}Other`);
    case "speech":
      return t("meeting.wait.speech", { seat: seatName(meeting.turn?.seat ?? 0) });
    case "speaker":
      return next ? t("meeting.wait.speaker", { seat: seatName(next.seat), side: t(sideWord[next.side]) }) : "";
    case "vote":
      return t(meeting.quorate ? "meeting.wait.vote" : "meeting.wait.voteNoQuorum");
    case "motion":
    case "debate":
    case "amendment_vote":
    case "end_of_debate":
    case "nothing":
      return t(`meeting.wait.${waiting}`);
  }
}

/** What needs no form: one touch, as large as a thumb. */
function OneTouch({ waiting }: { waiting: Waiting }) {
  const { t } = useSpeech();
  const { meeting, chairs, records, seatName, touch, isOnItsWay, marked, mark } = useMeetingRoom();
  const { meetingId, seats, bylaws } = meeting;
  const next = meeting.queue[0];
  const button = (name: string, label: string, call: Parameters<typeof touch>[1], disabled = false) => (
    <Button type="primary" className="big" loading={isOnItsWay(name)} disabled={disabled} onClick={() => touch(name, call)} data-testid={`touch-${name}`}>
      {label}
    </Button>
  );
  if (waiting === "opening" && chairs) {
    const missing = (bylaws?.quorum ? neededOf(seats.length, bylaws.quorum) : 0) - marked.size;
    return (
      <div className="touches">
        {button("open", t("meeting.open", { n: marked.size }), (options) => meetings.openMeeting({ meetingId, presentSeats: [...marked].sort((a, b) => a - b) }, options), missing > 0)}
        <Button className="big" onClick={() => mark(marked.size < seats.length ? seats.map((seat) => seat.number) : [])} data-testid="mark-all">
          {t(marked.size < seats.length ? "meeting.tapPresent" : "meeting.tapNone")}
        </Button>
        {missing > 0 && <span className="quiet">{t("meeting.missing", { n: missing })}</span>}
      </div>
    );
  }
  if (waiting === "debate" && chairs) return <div className="touches">{button("debate", t("meeting.openDebate"), (options) => meetings.openDebate({ meetingId }, options))}</div>;
  if (meeting.turn && records) {
    return (
      <div className="touches">
        <SmallClock turn={meeting.turn} />
        {button("end", t("meeting.endSpeech"), (options) => meetings.endSpeech({ meetingId }, options))}
      </div>
    );
  }
  if (waiting === "speaker" && chairs && next) {
    return <div className="touches">{button("recognise", t("meeting.recognise", { seat: seatName(next.seat) }), (options) => meetings.recogniseSeat({ meetingId, seat: next.seat }, options))}</div>;
  }
  return null;
}

/** The clock again, where a phone that shows the seats has no room for the large one. */
function SmallClock({ turn }: { turn: SpeakingTurn }) {
  const { left, soon } = useTurnLeft(turn);
  return (
    <span className={soon ? "touch-clock bad" : "touch-clock"} aria-hidden="true">
      {clockFace(left)}
    </span>
  );
}

/** What needs a form: what comes next first, then the rest. */
function useChoices(waiting: Waiting): Record<"first" | "more", Choice<MeetingTarget>[]> {
  const { language } = useSpeech();
  const { meeting, chairs, records } = useMeetingRoom();
  const titles = useTitles();
  const { motion, meetingId } = meeting;
  const choice = (rpc: string, spec: Choice<MeetingTarget>["spec"]): Choice<MeetingTarget> => ({ rpc, spec, target: { meetingId } });
  const amended = motion?.amendment !== undefined;
  const first: Choice<MeetingTarget>[] = [];
  const more: Choice<MeetingTarget>[] = [];
  if (records) {
    if (waiting === "motion") first.push(choice("MoveMotion", moveMotion(meeting, titles)));
    if (waiting === "amendment_vote" && meeting.quorate) first.push(choice("VoteOnAmendment", voteOnAmendment(meeting)));
    if (waiting === "speaker" && amended && meeting.quorate) more.push(choice("VoteOnAmendment", voteOnAmendment(meeting)));
    if (waiting === "vote" && meeting.quorate) first.push(choice("VoteOnMotion", voteOnMotion(meeting)));
    if ((waiting === "speaker" || waiting === "end_of_debate") && motion && !amended) more.push(choice("MoveAmendment", moveAmendment(meeting, motion)));
    if (waiting === "speech" && meeting.bylaws) more.push(choice("CorrectSpeech", correctSpeech(meeting.bylaws.turnSeconds)));
  }
  if (chairs) {
    // Where others wait, closing takes a vote, and a vote takes a quorum.
    if (waiting === "end_of_debate") first.push(choice("CloseDebate", closeDebate(meeting, language)));
    if (waiting === "speaker" && !amended && meeting.quorate) more.push(choice("CloseDebate", closeDebate(meeting, language)));
    if (waiting === "amendment_second") more.push(choice("LapseMotion", lapse("amendment")));
    else if (motion && waiting !== "speech" && (waiting === "second" || !meeting.quorate)) more.push(choice("LapseMotion", lapse("motion")));
    if (meeting.status === MeetingStatus.OPEN) more.push(choice("MakeRuling", makeRuling));
    if (waiting === "motion" || waiting === "opening") more.push(choice("CloseMeeting", closeMeeting));
  }
  return { first, more };
}
