// On what a resolution rests: a ballot that adopted it, a motion that a closed meeting carried, or a procedure that resolved it.
import type { Language } from "../../app/words/index.ts";
import { say } from "../../app/words/index.ts";
import { isResolved } from "../../format/procedures.ts";
import { BallotOutcome } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { MeetingStatus, MotionOutcome } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import type { Basis } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { ballots, meetings, procedures } from "../../rpc/deliberation.ts";

type Kind = "ballot" | "motion" | "procedure";

export interface AskedBasis {
  of: Kind;
  id: string;
  /** Of a motion. */
  number: number;
}

type GivenBasis = { case: "ballotId" | "procedureId"; value: string } | { case: "motion"; value: { meetingId: string; number: number } };

export interface DecidedBasis {
  basis: GivenBasis;
  name: string;
  to: string;
  /** Words to begin with. */
  text: string;
  /** A ballot whose record fewer than two people have signed. */
  unsigned: boolean;
}

/** Reads `?ballot=`, `?procedure=` or `?motion=` (meeting and number) of an address. */
export function askedOf(query: URLSearchParams): AskedBasis | undefined {
  const [meeting, number] = (query.get("motion") ?? "").split(":");
  if (meeting && number && /^[1-9]\d{0,5}$/.test(number)) return { of: "motion", id: meeting, number: Number(number) };
  for (const of of ["ballot", "procedure"] as const) {
    const id = query.get(of);
    if (id) return { of, id, number: 0 };
  }
  return undefined;
}

/** Reads what a resolution is to rest on; `undecided` where that has not decided the topic. */
export async function basisOf(asked: AskedBasis, topicId: string, signal: AbortSignal): Promise<DecidedBasis | "undecided"> {
  const { id, number } = asked;
  switch (asked.of) {
    case "ballot": {
      const { ballot } = await ballots.getBallot({ ballotId: id }, { signal });
      if (ballot?.outcome !== BallotOutcome.ADOPTED) return "undecided";
      return { basis: { case: "ballotId", value: id }, name: ballot.question, to: `/ballots/${id}`, text: "", unsigned: ballot.signatures.length < 2 };
    }
    case "motion": {
      const { meeting } = await meetings.getMeeting({ meetingId: id }, { signal });
      const motion = meeting?.decided.find((one) => one.number === number);
      const carried = meeting?.status === MeetingStatus.CLOSED && motion?.outcome === MotionOutcome.CARRIED && motion.topicId === topicId;
      if (!carried || !motion) return "undecided";
      return { basis: { case: "motion", value: { meetingId: id, number } }, name: motion.text, to: `/meetings/${id}`, text: motion.text, unsigned: false };
    }
    case "procedure": {
      const { procedure } = await procedures.getProcedure({ procedureId: id }, { signal });
      if (!procedure || !isResolved(procedure) || procedure.topicId !== topicId) return "undecided";
      const text = procedure.records.at(-1)?.text ?? "";
      return { basis: { case: "procedureId", value: id }, name: text, to: `/procedures/${id}`, text, unsigned: false };
    }
  }
}

/** Says what a basis is. */
export function basisInWords(basis: GivenBasis | Basis["basis"], language: Language): string {
  switch (basis.case) {
    case "ballotId":
      return say(language, "resolution.basisBallot");
    case "procedureId":
      return say(language, "resolution.basisProcedure");
    case "motion":
      return say(language, "resolution.basisMotion", { n: basis.value.number });
    case undefined:
      return say(language, "state.unknown");
  }
}

/** Where a basis can be read; undefined where there is none. */
export function basisLink(basis: Basis["basis"]): string | undefined {
  switch (basis.case) {
    case "ballotId":
      return `/ballots/${basis.value}`;
    case "procedureId":
      return `/procedures/${basis.value}`;
    case "motion":
      return `/meetings/${basis.value.meetingId}`;
    case undefined:
      return undefined;
  }
}
