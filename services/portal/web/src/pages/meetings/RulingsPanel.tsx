// Rulings of the chair, word for word, and what came of appeals against them.
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { appealRuling } from "../../actions/meetingSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { minuteOfDay, msOf } from "../../format/times.ts";
import { MeetingStatus, MotionOutcome } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { useMeetingRoom } from "./room.tsx";

const APPEALS = {
  [MotionOutcome.UNSPECIFIED]: { word: "meeting.appeal.none", tone: "neutral" },
  [MotionOutcome.CARRIED]: { word: "meeting.appeal.overturned", tone: "warn" },
  [MotionOutcome.LOST]: { word: "meeting.appeal.sustained", tone: "neutral" },
} as const;

export function RulingsPanel() {
  const { t, language } = useSpeech();
  const { meeting, records, reload } = useMeetingRoom();
  const appeals = records && meeting.status === MeetingStatus.OPEN && meeting.quorate;
  return (
    <Panel title={t("meeting.rulings")} testId="rulings">
      {meeting.rulings.length === 0 && <EmptyNote>{t("meeting.rulingsNone")}</EmptyNote>}
      <ul className="similar">
        {meeting.rulings.map((ruling) => {
          const { word, tone } = APPEALS[ruling.appeal];
          const open = ruling.appeal === MotionOutcome.UNSPECIFIED;
          return (
            <li key={ruling.number} data-testid={`ruling-${ruling.number}`}>
              <span className="row">
                <strong>{t("meeting.ruling", { n: ruling.number })}</strong>
                <Mark tone={tone}>{t(word)}</Mark>
                <span className="quiet">{minuteOfDay(msOf(ruling.ruledAt) ?? 0, language)}</span>
              </span>
              <p className="prewrap">{ruling.text}</p>
              {open && appeals && (
                <ChoiceBar
                  choices={[{ rpc: "AppealRuling", spec: appealRuling(meeting), target: { meetingId: meeting.meetingId, ruling: ruling.number }, title: `${t("action.AppealRuling")}: ${t("meeting.ruling", { n: ruling.number })}`, testId: `action-AppealRuling-${ruling.number}` }]}
                  onDone={reload}
                />
              )}
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
