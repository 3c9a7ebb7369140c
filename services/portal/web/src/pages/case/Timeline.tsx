// Everything that happened to the case and its whistles, by day.
import { Button, Skeleton } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { type Direction, DirectionSwitch } from "../../components/DirectionSwitch.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { eventInWords, outcomeInWords } from "../../format/events.ts";
import { dayInWords, minuteOfDay, msOf } from "../../format/times.ts";
import { clockWord } from "../../format/vocabulary.ts";
import { ClockKind, type TimelineEntry } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import type { Query } from "../../rpc/useQuery.ts";
import { EventIcon } from "./EventIcon.tsx";
import type { TimelinePages } from "./useCase.ts";

export function Timeline({ timeline, onMore }: { timeline: Query<TimelinePages>; onMore: () => void }) {
  const { t, language } = useSpeech();
  const [direction, setDirection] = useState<Direction>("newest");
  const entries = timeline.data?.entries ?? [];
  const ordered = direction === "newest" ? [...entries].reverse() : entries;
  const more = timeline.data?.hasMore && (
    <Button block onClick={onMore} loading={timeline.loading}>
      {t("state.more")}
    </Button>
  );
  const switcher = <DirectionSwitch value={direction} onChange={setDirection} />;
  return (
    <Panel title={t("timeline.title")} note={<span className="wide-only">{t("timeline.note")}</span>} aside={switcher} className="case-timeline" testId="timeline">
      {timeline.failure && <FailureLine failure={timeline.failure} onRetry={timeline.reload} />}
      {!timeline.data && timeline.loading && <Skeleton active paragraph={{ rows: 6 }} />}
      {timeline.data && entries.length === 0 && <EmptyNote>{t("timeline.empty")}</EmptyNote>}
      {direction === "newest" && more}
      <ol className="timeline">
        {ordered.map((entry, index) => {
          const day = dayInWords(msOf(entry.at) ?? 0, language);
          const before = ordered[index - 1];
          const isNewDay = !before || dayInWords(msOf(before.at) ?? 0, language) !== day;
          return (
            <li key={`${entry.aggregateId}-${entry.version}-${entry.event}-${entry.departmentCode}`}>
              {isNewDay && <h3 className="timeline-day">{day}</h3>}
              <Entry entry={entry} />
            </li>
          );
        })}
      </ol>
      {direction === "oldest" && more}
    </Panel>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t, language } = useSpeech();
  const { departmentName, actorName } = useReference();
  return (
    <article className="entry" data-testid="timeline-entry" data-event={entry.event}>
      <time className="entry-time">{minuteOfDay(msOf(entry.at) ?? 0, language)}</time>
      <span className="entry-icon" aria-hidden="true">
        <EventIcon event={entry.event} />
      </span>
      <div className="entry-body">
        <p className="entry-line">
          <strong>{eventInWords(entry.event, language)}</strong>
          {entry.departmentCode && <span>{departmentName(entry.departmentCode)}</span>}
          {entry.clock !== ClockKind.UNSPECIFIED && <span className="quiet">{t(clockWord[entry.clock])}</span>}
          {entry.outcome && <span>{outcomeInWords(entry.event, entry.outcome, language, departmentName)}</span>}
          {entry.late && <Mark tone="bad">{t("timeline.late")}</Mark>}
          <span className="quiet entry-actor">{actorName(entry.actor)}</span>
        </p>
        {entry.text && <p className="prewrap entry-text">{entry.text}</p>}
        {entry.references.length > 0 && (
          <p className="quiet">
            {t("timeline.references")} {entry.references.map((reference) => <Reference key={reference} reference={reference} />)}
          </p>
        )}
      </div>
    </article>
  );
}

function Reference({ reference }: { reference: string }) {
  const isLink = /^https?:\/\//.test(reference);
  return isLink ? (
    <a className="entry-reference" href={reference} target="_blank" rel="noreferrer noopener">
      {reference}
    </a>
  ) : (
    <span className="entry-reference code">{reference}</span>
  );
}
