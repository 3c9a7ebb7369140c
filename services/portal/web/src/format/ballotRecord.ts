// The public record of a ballot: reads it and counts it again, with nothing but what it says.
import { isReached } from "./deliberation.ts";

export type RecordedChoice = "for" | "against" | "abstain";

interface RecordedShare {
  numerator: number;
  denominator: number;
  more: boolean;
}

export interface RecordedElector {
  number: number;
  area: number;
  unsold: boolean;
  choice?: RecordedChoice | null;
}

export interface BallotRecord {
  question: string;
  secrecy: string;
  threshold: { rule: string; since: string; source: string; quorum: RecordedShare; approval: RecordedShare; by_area: boolean };
  electors: RecordedElector[];
  papers?: RecordedChoice[] | null;
  count: Record<CountName, number>;
  outcome: RecordedOutcome;
}

export type RecordedOutcome = "adopted" | "rejected" | "no_quorum";
type CountName = "total_heads" | "part_heads" | "for_heads" | "against_heads" | "total_area" | "part_area" | "for_area";
export type Recount = Record<CountName, bigint> & { outcome: RecordedOutcome };

/** Counts a record again. A secret one has no areas. */
export function recountOf(record: BallotRecord): Recount {
  const { quorum, approval, by_area: byArea } = record.threshold;
  const voted = record.electors.filter((elector) => elector.choice);
  const votes = record.papers ?? voted.flatMap((elector) => elector.choice ?? []);
  const heads = (choice: RecordedChoice) => BigInt(votes.filter((vote) => vote === choice).length);
  const area = (electors: readonly RecordedElector[]) => electors.reduce((sum, elector) => sum + BigInt(elector.area), 0n);
  const count = {
    total_heads: BigInt(record.electors.length),
    part_heads: BigInt(votes.length),
    for_heads: heads("for"),
    against_heads: heads("against"),
    total_area: byArea ? area(record.electors) : 0n,
    part_area: byArea ? area(voted) : 0n,
    for_area: byArea ? area(voted.filter((elector) => elector.choice === "for")) : 0n,
  };
  const took = isReached(count.part_heads, count.total_heads, quorum) && (!byArea || isReached(count.part_area, count.total_area, quorum));
  const approved = isReached(count.for_heads, count.part_heads, approval) && (!byArea || isReached(count.for_area, count.part_area, approval));
  return { ...count, outcome: !took ? "no_quorum" : approved ? "adopted" : "rejected" };
}

/** True when the record says what counting it again says. */
export function agrees(record: BallotRecord, recount: Recount): boolean {
  const names = Object.keys(record.count) as CountName[];
  return record.outcome === recount.outcome && names.every((name) => recount[name] === undefined || BigInt(record.count[name]) === recount[name]);
}
