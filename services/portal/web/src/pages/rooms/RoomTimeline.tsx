// Facts and what was said on one timeline, by day. What comes while somebody reads elsewhere is counted, not pushed before the eyes.
import { Button, Segmented, Skeleton } from "antd";
import { memo, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Direction, DirectionSwitch } from "../../components/DirectionSwitch.tsx";
import { EmptyNote, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayInWords, msOf } from "../../format/times.ts";
import type { Room, TimelineItem } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import type { Query } from "../../rpc/useQuery.ts";
import { EntryItem } from "./EntryItem.tsx";
import { FactItem } from "./FactItem.tsx";
import { keyOfItem } from "./items.ts";
import { useArrivals } from "./useArrivals.ts";
import { POLL_MS, type RoomTimeline as Read } from "./useRoom.ts";

type Show = "all" | "entries" | "facts";
const SHOWS: readonly Show[] = ["all", "entries", "facts"];

interface RoomTimelineProps {
  room: Room;
  as: string;
  timeline: Query<Read>;
  onMore: () => void;
  onDone: () => void;
}

export function RoomTimeline({ room, as, timeline, onMore, onDone }: RoomTimelineProps) {
  const { t } = useSpeech();
  const [direction, setDirection] = useState<Direction>("newest");
  const [show, setShow] = useState<Show>("all");
  const items = timeline.data?.items ?? [];
  const shown = items.filter(({ item }) => show === "all" || item.case === (show === "facts" ? "fact" : "entry"));
  const ordered = direction === "newest" ? [...shown].reverse() : shown;
  const { edge, arrived, goThere } = useArrivals(shown.map(keyOfItem), timeline.data !== undefined, direction === "oldest");
  const more = timeline.data?.hasMore && (
    <Button block onClick={onMore} loading={timeline.loading}>
      {t("room.timeline.more")}
    </Button>
  );
  const marker = <div ref={edge} className="timeline-edge" />;
  const switcher = <DirectionSwitch value={direction} onChange={setDirection} />;
  return (
    <Panel title={t("room.timeline")} note={<span className="wide-only">{t("room.timeline.note")} · {t("room.live", { n: POLL_MS / 1000 })}</span>} aside={switcher} className="room-timeline" testId="room-timeline">
      <div className="stack">
        <Segmented<Show> size="small" className="timeline-show" value={show} onChange={setShow} options={SHOWS.map((value) => ({ value, label: t(`room.timeline.${value}`) }))} />
        {timeline.failure && <FailureLine failure={timeline.failure} onRetry={timeline.reload} />}
        {!timeline.data && timeline.loading && <Skeleton active paragraph={{ rows: 6 }} />}
        {timeline.data && shown.length === 0 && <EmptyNote>{t(items.length === 0 ? "room.timeline.empty" : "room.timeline.noneOf")}</EmptyNote>}
        {direction === "newest" && marker}
        {direction === "newest" && more}
        <ol className="timeline">
          {ordered.map((item, index) => (
            <Point key={keyOfItem(item)} item={item} before={ordered[index - 1]} room={room} as={as} onDone={onDone} />
          ))}
        </ol>
        {direction === "oldest" && more}
        {direction === "oldest" && marker}
      </div>
      <p className="arrivals" aria-live="polite">
        {arrived > 0 && (
          <Button shape="round" type="primary" onClick={goThere} data-testid="arrived">
            {t("room.timeline.arrived", { n: arrived })} {direction === "newest" ? "↑" : "↓"}
          </Button>
        )}
      </p>
    </Panel>
  );
}

interface PointProps {
  item: TimelineItem;
  before: TimelineItem | undefined;
  room: Room;
  as: string;
  onDone: () => void;
}

/** Drawn again only where it changed: a timeline may have a thousand of them, and is read again every few seconds. */
const Point = memo(function Point({ item, before, room, as, onDone }: PointProps) {
  const { language } = useSpeech();
  const at = msOf(item.at) ?? 0;
  const day = dayInWords(at, language);
  const isNewDay = !before || dayInWords(msOf(before.at) ?? 0, language) !== day;
  return (
    <li>
      {isNewDay && <h3 className="timeline-day">{day}</h3>}
      {item.item.case === "fact" && <FactItem at={at} fact={item.item.value} room={room} />}
      {item.item.case === "entry" && <EntryItem at={at} entry={item.item.value} room={room} as={as} onDone={onDone} />}
    </li>
  );
});
