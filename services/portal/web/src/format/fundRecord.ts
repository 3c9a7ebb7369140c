// The public record of a fund: reads its ballots as a file of Pabulib, counts them again and checks the money, with nothing but what the record says.
import { compare, type Exact, exactFen, exactOf, minus, NOTHING, plus, times } from "./exact.ts";

interface RecordedRound {
  project: number;
  /** True where it was bought after the shares, with what was left over. */
  completion: boolean;
  payments: { yuan: string; ballots: number[] }[];
}

export interface FundRecord {
  compute: string;
  tie_source: string;
  tie_number: string | null;
  /** By the place of the project; none where it was not taken back. */
  withdrawal_reasons: (string | null)[];
  pabulib: string;
  outcome: {
    share_yuan: string | null;
    rounds: RecordedRound[];
    winners: number[];
    total_fen: number;
    lost: { project: number; why: string }[];
    greedy: { winners: number[]; prefer_outcome: number; prefer_greedy: number };
  };
}

export interface RecordedProject {
  number: number;
  title: string;
  cost: Exact;
  /** Ballots for it, as the file says. */
  votes: number;
  withdrawn: boolean;
}

export interface PabulibFile {
  budget: Exact;
  projects: RecordedProject[];
  /** Numbers of projects by ballot. */
  ballots: number[][];
}

/** Lines of a file whose fields are parted by semicolons and may be quoted. */
export function rowsOf(text: string): string[][] {
  const rows: string[][] = [];
  let [row, field, quoted]: [string[], string, boolean] = [[], "", false];
  const endRow = () => {
    rows.push([...row, field]);
    [row, field] = [[], ""];
  };
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at]!;
    if (quoted && sign === '"' && text[at + 1] === '"') {
      field += sign;
      at += 1;
    } else if (sign === '"') quoted = !quoted;
    else if (!quoted && sign === ";") {
      row.push(field);
      field = "";
    } else if (!quoted && sign === "\n") endRow();
    else if (quoted || sign !== "\r") field += sign;
  }
  if (field !== "" || row.length > 0) endRow();
  return rows;
}

/** The number of a project: where a tie was settled its place stands before it, `002.007`. */
function numberOf(id: string): number {
  return Number(id.split(".").at(-1));
}

/** Reads a file of Pabulib. What is not understood throws: a record that nobody can read is wrong. */
export function readPabulib(text: string): PabulibFile {
  const file: PabulibFile = { budget: NOTHING, projects: [], ballots: [] };
  let [section, head]: [string, string[] | undefined] = ["", undefined];
  for (const row of rowsOf(text)) {
    if (row.length === 1 && ["META", "PROJECTS", "VOTES"].includes(row[0]!)) {
      [section, head] = [row[0]!, undefined];
    } else if (!head) {
      head = row;
    } else {
      const told = Object.fromEntries(head.map((name, place) => [name, row[place] ?? ""]));
      if (section === "META" && told.key === "budget") file.budget = amount(told.value);
      if (section === "PROJECTS") file.projects.push({ number: numberOf(told.project_id!), title: told.name!, cost: amount(told.cost), votes: Number(told.votes), withdrawn: told.withdrawn === "1" });
      if (section === "VOTES") file.ballots.push(told.vote === "" ? [] : told.vote!.split(",").map(numberOf));
    }
  }
  return file;
}

function amount(text: string | undefined): Exact {
  const read = exactOf(text ?? "");
  if (!read) throw new TypeError(`${text} is no amount`);
  return read;
}

export interface FundCheck {
  file: PabulibFile;
  /** Ballots for each project, counted again. */
  approvals: Map<number, number>;
  /** What was paid for costs so much. */
  total: Exact;
  left: Exact;
  /** Every project is told to have as many ballots as it has. */
  votesAgree: boolean;
  /** What was paid for costs what the record says. */
  totalAgrees: boolean;
  withinBudget: boolean;
  /** The payments for a project add up to its cost, and only ballots that want it pay. */
  paymentsAgree: boolean;
  /** No ballot pays more than its share; undefined where the rule gives no shares. */
  withinShares: boolean | undefined;
}

/** Counts a record again and checks its money. */
export function checkFund(record: FundRecord): FundCheck {
  const file = readPabulib(record.pabulib);
  const { outcome } = record;
  const approvals = new Map(file.projects.map(({ number }) => [number, file.ballots.filter((ballot) => ballot.includes(number)).length]));
  const project = (number: number) => file.projects.find((one) => one.number === number);
  const total = outcome.winners.reduce((sum, number) => plus(sum, project(number)?.cost ?? NOTHING), NOTHING);
  const share = outcome.share_yuan === null ? undefined : amount(outcome.share_yuan);
  return {
    file,
    approvals,
    total,
    left: minus(file.budget, total),
    votesAgree: file.projects.every(({ number, votes }) => approvals.get(number) === votes),
    totalAgrees: compare(total, exactFen(BigInt(outcome.total_fen))) === 0 && outcome.winners.every((number) => project(number)?.withdrawn === false),
    withinBudget: compare(total, file.budget) <= 0,
    paymentsAgree: outcome.winners.join() === outcome.rounds.map((round) => round.project).join() && outcome.rounds.every((round) => isPaid(round, file, share !== undefined)),
    withinShares: share && [...spentBy(outcome.rounds).values()].every((spent) => compare(spent, share) <= 0),
  };
}

/** Rounds without payments are of rules by which nobody has a share, or of what was left over. */
function isPaid({ project: number, payments, completion }: RecordedRound, file: PabulibFile, hasShares: boolean): boolean {
  if (payments.length === 0) return completion || !hasShares;
  const paid = payments.reduce((sum, { yuan, ballots }) => plus(sum, times(amount(yuan), ballots.length)), NOTHING);
  const cost = file.projects.find((one) => one.number === number)?.cost;
  const wanted = payments.every(({ yuan, ballots }) => amount(yuan).numerator === 0n || ballots.every((ballot) => file.ballots[ballot - 1]?.includes(number)));
  return cost !== undefined && compare(paid, cost) === 0 && wanted;
}

/** What each ballot has paid in all, by its number. */
function spentBy(rounds: readonly RecordedRound[]): Map<number, Exact> {
  const spent = new Map<number, Exact>();
  for (const { yuan, ballots } of rounds.flatMap((round) => round.payments)) {
    const paid = amount(yuan);
    for (const ballot of ballots) spent.set(ballot, plus(spent.get(ballot) ?? NOTHING, paid));
  }
  return spent;
}

/** True when nothing that was checked differs. */
export function isSound(check: FundCheck): boolean {
  return check.votesAgree && check.totalAgrees && check.withinBudget && check.paymentsAgree && check.withinShares !== false;
}
