// A meeting that is watched: read every two seconds while it is not closed, replaced at once by what an action answered, never by something older.
import { useCallback, useRef } from "react";
import { leadOf } from "../../format/serviceClock.ts";
import { type Meeting, MeetingStatus } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { meetings } from "../../rpc/deliberation.ts";
import type { Failure } from "../../rpc/failure.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";

const POLL_MS = 2000;

export interface WatchedMeeting {
  query: Query<Meeting>;
  /** Why the last reading failed, if it did. */
  stale: Failure | undefined;
  /** Takes in what an action answered. */
  take: (meeting: Meeting) => void;
  /** The lead of the services' clock over this device's, in milliseconds. */
  leadMs: () => number;
}

export function useMeeting(meetingId: string): WatchedMeeting {
  const lead = useRef(0);
  const heard = useCallback((meeting: Meeting) => {
    lead.current = leadOf(meeting, Date.now(), lead.current);
  }, []);
  const read = async (signal: AbortSignal) => {
    const { meeting } = await meetings.getMeeting({ meetingId }, { signal });
    if (!meeting) throw new TypeError("the answer holds no meeting");
    heard(meeting);
    return meeting;
  };
  const query = useQuery(`meeting:${meetingId}`, read);
  const shown = useRef(query.data);
  shown.current = query.data;
  const { replace } = query;
  const take = useCallback(
    (meeting: Meeting) => {
      heard(meeting);
      // What has not changed is not drawn again, and an answer that was overtaken is dropped.
      if (!shown.current || meeting.version > shown.current.version) replace(meeting);
    },
    [heard, replace],
  );
  const live = query.data !== undefined && query.data.status !== MeetingStatus.CLOSED;
  const stale = useVisiblePoll(live, POLL_MS, async (signal) => take(await read(signal)));
  const leadMs = useCallback(() => lead.current, []);
  return { query, stale, take, leadMs };
}
