// One clock: what it measures, how it stands in words, until when, and in which kind of time it counts.
import { Tooltip } from "antd";
import { useSpeech } from "../app/language.tsx";
import { useNow } from "../app/now.ts";
import { type ClockReading, readClock } from "../format/clocks.ts";
import { durationInWords } from "../format/durations.ts";
import { dayAndMinute } from "../format/times.ts";
import { clockWord } from "../format/vocabulary.ts";
import { type Clock, ClockKind, type Suspension } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";

export function ClockLine({ clock, suspension }: { clock: Clock; suspension?: Suspension | undefined }) {
  const { t, language } = useSpeech();
  const reading = readClock(clock, useNow(), suspension);
  const due = reading.dueMs === undefined ? "" : dayAndMinute(reading.dueMs, language);
  const over = "stoppedMs" in reading;
  return (
    <li className={`clock clock-${reading.state}`} data-testid="clock" data-clock={ClockKind[clock.kind].toLowerCase()} data-state={reading.state}>
      <span className="clock-kind">{t(clockWord[clock.kind])}</span>
      <span className="clock-state">
        <ReadingWords reading={reading} />
      </span>
      <span className="clock-due quiet">
        {due && t(over ? "clock.wasDue" : "clock.due", { time: due })}
        <Tooltip title={t(clock.wallTime ? "clock.wallNote" : "clock.workingNote")}>
          <span className="clock-time" tabIndex={0}>
            {t(clock.wallTime ? "clock.wall" : "clock.working")}
          </span>
        </Tooltip>
      </span>
    </li>
  );
}

/** The clock that matters now, in one phrase, for rows of lists. */
export function ClockPhrase({ clock, suspension }: { clock: Clock; suspension?: Suspension | undefined }) {
  const { t } = useSpeech();
  const reading = readClock(clock, useNow(), suspension);
  return (
    <span className={`clock-phrase clock-${reading.state}`}>
      <span className="clock-kind">{t(clockWord[clock.kind])}</span>{" "}
      <span className="clock-state">
        <ReadingWords reading={reading} />
      </span>
    </span>
  );
}

function ReadingWords({ reading }: { reading: ClockReading }) {
  const { t, language } = useSpeech();
  switch (reading.state) {
    case "done":
      return t("clock.done", { time: dayAndMinute(reading.stoppedMs, language) });
    case "done_late":
      return t("clock.doneLate", { time: dayAndMinute(reading.stoppedMs, language) });
    case "running":
    case "soon":
      return t("clock.left", { length: durationInWords(reading.leftMs, language) });
    case "overdue":
      return t("clock.over", { length: durationInWords(reading.leftMs, language) });
    case "suspended":
      return t("clock.standing");
  }
}
