// What points of a timeline are known by.
import { eventOf } from "../../format/roomFacts.ts";
import { msOf } from "../../format/times.ts";
import type { TimelineItem } from "../../gen/gongzhi/exchange/v1/room_pb.ts";

const known = new WeakMap<TimelineItem, string>();

/** The id of the entry or of the event; the same before and after the timeline is read again. */
export function keyOfItem(point: TimelineItem): string {
  const found = known.get(point) ?? keyNow(point);
  known.set(point, found);
  return found;
}

function keyNow({ at, item }: TimelineItem): string {
  switch (item.case) {
    case "entry":
      return `entry/${item.value.entryId}`;
    case "fact":
      return `fact/${eventOf(item.value.event).id || `${item.value.fact}/${msOf(at)}`}`;
    case undefined:
      return `${msOf(at)}`;
  }
}
