// What all parts of a meeting's page share: the meeting, who may do what, and touches that are carried out one after the other.
import type { CallOptions } from "@connectrpc/connect";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { seatInWords } from "../../format/meetings.ts";
import type { Meeting } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";
import type { WatchedMeeting } from "./useMeeting.ts";

/** For so long a refusal stands; by then the room has gone on. */
const READ_MS = 10_000;

type Touch = (options: CallOptions) => Promise<{ meeting?: Meeting }>;

interface MeetingRoom {
  meeting: Meeting;
  chairs: boolean;
  records: boolean;
  seatName: (number: number) => string;
  /** Carries out what one touch asks for; the name tells where it is on its way. */
  touch: (name: string, call: Touch) => void;
  isOnItsWay: (name: string) => boolean;
  /** Why the last touch was refused. */
  failure: Failure | undefined;
  reload: () => void;
  leadMs: () => number;
  /** Seats that are marked before the meeting is opened. */
  marked: ReadonlySet<number>;
  mark: (seats: readonly number[]) => void;
}

const Room = createContext<MeetingRoom | undefined>(undefined);

export function useMeetingRoom(): MeetingRoom {
  const room = useContext(Room);
  if (!room) throw new Error("useMeetingRoom needs a MeetingRoomProvider above it");
  return room;
}

export function MeetingRoomProvider({ meeting, watched, children }: { meeting: Meeting; watched: WatchedMeeting; children: ReactNode }) {
  const { language } = useSpeech();
  const { permits } = usePerson();
  const { take, leadMs } = watched;
  const { reload } = watched.query;
  const { touch, onTheirWay, failure } = useTouches(take, reload);
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const room = useMemo<MeetingRoom>(
    () => ({
      meeting,
      chairs: permits.allows("meeting.chair", meeting.areaCode),
      records: permits.allows("meeting.record", meeting.areaCode),
      seatName: (number) => seatInWords(number, meeting.seats, language),
      touch,
      isOnItsWay: (name) => onTheirWay.includes(name),
      failure,
      reload,
      leadMs,
      marked,
      mark: (seats) => setMarked(new Set(seats)),
    }),
    [meeting, permits, language, touch, onTheirWay, failure, reload, leadMs, marked],
  );
  return <Room value={room}>{children}</Room>;
}

/** Touches follow each other in the order in which they were made, so that of several quick ones none is lost. */
function useTouches(take: (meeting: Meeting) => void, reload: () => void) {
  const [onTheirWay, setOnTheirWay] = useState<readonly string[]>([]);
  const [failure, setFailure] = useState<Failure>();
  const last = useRef<Promise<void>>(Promise.resolve());
  useEffect(() => {
    if (!failure) return;
    const gone = window.setTimeout(() => setFailure(undefined), READ_MS);
    return () => window.clearTimeout(gone);
  }, [failure]);
  const touch = useCallback(
    (name: string, call: Touch) => {
      setOnTheirWay((names) => [...names, name]);
      const carriedOut = async () => {
        try {
          const { meeting } = await call(idempotent(freshKey()));
          setFailure(undefined);
          if (meeting) take(meeting);
        } catch (thrown) {
          setFailure(failureOf(thrown));
          reload();
        } finally {
          setOnTheirWay((names) => names.toSpliced(names.indexOf(name), 1));
        }
      };
      last.current = last.current.then(carriedOut);
    },
    [take, reload],
  );
  return { touch, onTheirWay, failure };
}
