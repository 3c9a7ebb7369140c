// The public record of a draw by lot: recomputes the panel from the tickets and the number, with nothing but what it says.

export interface Drawn {
  number: string;
  ticket: number;
  panel: number[];
}

export interface DrawRecord {
  seats: number;
  draw_source: string;
  categories: { name: string; features: { feature: string; min: number; max: number; members: number | null }[] }[];
  volunteers: number[];
  /** One line each: the number of the ticket and rows of its panel. */
  tickets: string;
  tickets_sha256: string;
  draw: Drawn | null;
  how: string;
}

export interface Recomputed {
  count: number;
  ticket: number;
  panel: number[];
}

/** The panel that follows from the tickets and a number; undefined where there is none. */
export function panelOf(record: Pick<DrawRecord, "tickets" | "volunteers">, number: string): Recomputed | undefined {
  const lines = record.tickets.split("\n").filter((line) => line.trim() !== "");
  if (!/^\d+$/.test(number) || lines.length === 0) return undefined;
  const ticket = Number(BigInt(number) % BigInt(lines.length));
  const numbersOf = (line: string) => (line.match(/\d+/g) ?? []).map(Number);
  const found = lines.map(numbersOf).find(([first]) => first === ticket);
  if (!found) return undefined;
  const panel = found.slice(1).flatMap((row) => record.volunteers[row] ?? []);
  return { count: lines.length, ticket, panel: panel.sort((a, b) => a - b) };
}
