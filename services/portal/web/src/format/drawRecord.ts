// The public record of a draw by lot: recomputes the panel and its replacements from the tickets and the numbers, with nothing but what it says.

export interface Drawn {
  number: string;
  ticket: number;
  panel: number[];
}

export interface RecordedReplacement {
  /** Members who dropped out. */
  left: number[];
  tickets: string;
  tickets_sha256: string;
  draw: Drawn | null;
}

export interface DrawRecord {
  seats: number;
  draw_source: string;
  categories: { name: string; features: { feature: string; min: number; max: number; members: number | null }[] }[];
  /** Why quotas were changed, one text for each time. */
  quota_changes: string[];
  household_rule: "one_volunteer" | "one_member" | "none";
  objective: string;
  /** By how much a chance differs at most from the one that is told, because tickets are whole. */
  lottery_error: number;
  volunteers: number[];
  /** The chance of each volunteer, in their order. */
  chances: number[];
  /** One line each: the number of the ticket and rows of its panel. */
  tickets: string;
  tickets_sha256: string;
  draw: Drawn | null;
  replacements: RecordedReplacement[];
  how: string;
}

export interface Recomputed {
  count: number;
  ticket: number;
  panel: number[];
}

/** Lines of tickets as numbers: the ticket, then the rows of its panel. */
function linesOf(tickets: string): number[][] {
  const lines = tickets.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => (line.match(/\d+/g) ?? []).map(Number));
}

/** The panel that follows from the tickets and a number; undefined where there is none. */
export function panelOf(record: Pick<DrawRecord, "tickets" | "volunteers">, number: string): Recomputed | undefined {
  const lines = linesOf(record.tickets);
  if (!/^\d+$/.test(number) || lines.length === 0) return undefined;
  const ticket = Number(BigInt(number) % BigInt(lines.length));
  const found = lines.find(([first]) => first === ticket);
  if (!found) return undefined;
  const panel = found.slice(1).flatMap((row) => record.volunteers[row] ?? []);
  return { count: lines.length, ticket, panel: panel.sort((a, b) => a - b) };
}

/** How many tickets there are, and on how many of them each volunteer is, in their order. */
export function ticketsOf(record: Pick<DrawRecord, "tickets" | "volunteers">): { count: number; of: number[] } {
  const lines = linesOf(record.tickets);
  const of = record.volunteers.map(() => 0);
  for (const row of lines.flatMap((line) => line.slice(1))) of[row] = (of[row] ?? 0) + 1;
  return { count: lines.length, of };
}

/** True when the tickets give everybody the chance that is told, as near as they can. */
export function isAsTold(record: Pick<DrawRecord, "tickets" | "volunteers" | "chances" | "lottery_error">): boolean {
  const { count, of } = ticketsOf(record);
  return count > 0 && of.every((tickets, row) => Math.abs(tickets / count - (record.chances[row] ?? Number.NaN)) <= record.lottery_error + 1e-6);
}

export interface Round {
  /** Members who dropped out before it. */
  left: number[];
  tickets: string;
  published: string;
  draw: Drawn | null;
}

/** The draw and all replacements, the first one first. */
export function roundsOf(record: DrawRecord): Round[] {
  const first: Round = { left: [], tickets: record.tickets, published: record.tickets_sha256, draw: record.draw };
  return [first, ...record.replacements.map(({ left, tickets, tickets_sha256: published, draw }) => ({ left, tickets, published, draw }))];
}

/** True when the panel of a draw is the one that follows from its tickets, and nobody who left is on it. */
export function follows(round: Round, volunteers: readonly number[]): boolean {
  if (!round.draw) return true;
  const counted = panelOf({ tickets: round.tickets, volunteers: [...volunteers] }, round.draw.number);
  const told = [...round.draw.panel].sort((a, b) => a - b);
  return counted?.ticket === round.draw.ticket && counted.panel.join() === told.join() && !round.left.some((number) => told.includes(number));
}
