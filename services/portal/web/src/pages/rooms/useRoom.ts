// A room and its timeline, kept fresh: every three seconds the room and the last page are asked for; all pages again when the room moved,
// and now and then anyway, because a fact may come late and rights may change.
import { useCallback, useRef } from "react";
import { organizationOf } from "../../format/organizations.ts";
import { type Room, RoomStatus, type TimelineItem } from "../../gen/gongzhi/exchange/v1/room_pb.ts";
import { rooms } from "../../rpc/exchange.ts";
import type { Failure } from "../../rpc/failure.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";

export const POLL_MS = 3000;
const PAGE_SIZE = 200;
/** Pages that are read before somebody asks for more, and as many more each time. */
const PAGES = 5;
const TURNS_OF_THE_LAST_PAGE = 10;

interface TimelinePage {
  token: string;
  items: TimelineItem[];
  next: string;
}

export interface RoomTimeline {
  pages: readonly TimelinePage[];
  items: readonly TimelineItem[];
  hasMore: boolean;
}

export interface WatchedRoom {
  room: Query<Room | undefined>;
  timeline: Query<RoomTimeline>;
  stale: Failure | undefined;
  showMore: () => void;
  reload: () => void;
}

export function useRoom(roomId: string, as: string): WatchedRoom {
  const organization = organizationOf(as);
  const about = { roomId, ...(organization && { organization }) };
  const most = useRef(PAGES);
  const turns = useRef(0);

  const readRoom = async (signal: AbortSignal) => (await rooms.getRoom(about, { signal })).room;
  const readPages = async (kept: readonly TimelinePage[], signal: AbortSignal): Promise<RoomTimeline> => {
    const pages = [...kept];
    let token = pages.at(-1)?.next ?? "";
    do {
      const answer = await rooms.listTimeline({ ...about, pageSize: PAGE_SIZE, pageToken: token }, { signal });
      pages.push({ token, items: answer.items, next: answer.nextPageToken });
      token = answer.nextPageToken;
    } while (token !== "" && pages.length < most.current);
    return { pages, items: pages.flatMap((page) => page.items), hasMore: token !== "" };
  };

  const room = useQuery(`room:${roomId}:${as}`, readRoom);
  const timeline = useQuery(`room-timeline:${roomId}:${as}`, (signal) => readPages([], signal));

  const known = room.data;
  const read = timeline.data;
  const stale = useVisiblePoll(known !== undefined && read !== undefined, POLL_MS, async (signal) => {
    const now = await readRoom(signal);
    turns.current += 1;
    const moved = now?.version !== known?.version;
    const isWhole = moved || turns.current % TURNS_OF_THE_LAST_PAGE === 0;
    const next = await readPages(isWhole ? [] : (read?.pages.slice(0, -1) ?? []), signal);
    if (moved) room.replace(now);
    timeline.replace(next);
  });

  const { reload: reloadRoom } = room;
  const { reload: reloadTimeline } = timeline;
  const reload = useCallback(() => {
    reloadRoom();
    reloadTimeline();
  }, [reloadRoom, reloadTimeline]);
  const showMore = () => {
    most.current += PAGES;
    reloadTimeline();
  };
  return { room, timeline, stale, showMore, reload };
}

export function isOpen(room: Room): boolean {
  return room.status === RoomStatus.OPEN;
}
