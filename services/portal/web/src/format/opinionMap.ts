// The picture of an opinion map as geometry, and its statements in orders that mean something. Pure: a drawing is put together from it elsewhere.
import type { MapGroup, MapPoint, MapStatement, OpinionMap } from "../gen/gongzhi/deliberation/v1/conversation_pb.ts";

export interface Dot {
  number: number;
  x: number;
  y: number;
}

export interface Circle {
  /** Place of the group in the map, from 0. */
  nth: number;
  x: number;
  y: number;
  radius: number;
}

export interface Layout {
  dots: Dot[];
  circles: Circle[];
  /** Where both axes cross. */
  origin: { x: number; y: number };
}

export const SIDE = 400;
const MARGIN = 44;
/** The circle of the largest group. */
const LARGEST = 40;
/** Two dots that lie nearer than this cannot be told apart. */
const APART = 15;

/** Places statements and groups in a square, on one scale: both stand where people stand who say such things. Upwards is positive. */
export function layoutOf(map: Pick<OpinionMap, "statements" | "groups">, side = SIDE): Layout {
  const statements = map.statements.flatMap(({ number, point }) => (point ? [{ number, point }] : []));
  const groups = map.groups.flatMap(({ people, centre }, nth) => (centre ? [{ nth, people, point: centre }] : []));
  const place = placer([...statements, ...groups].map(({ point }) => point), side);
  const most = Math.max(1, ...groups.map((group) => group.people));
  return {
    dots: spread(statements.map(({ number, point }) => ({ number, ...place(point) }))),
    // Areas, not radii, are to each other as people are.
    circles: groups.map(({ nth, people, point }) => ({ nth, ...place(point), radius: LARGEST * Math.sqrt(people / most) })),
    origin: { x: side / 2, y: side / 2 },
  };
}

function placer(points: readonly Pick<MapPoint, "x" | "y">[], side: number): (point: Pick<MapPoint, "x" | "y">) => { x: number; y: number } {
  const farthest = Math.max(0, ...points.map(({ x, y }) => Math.max(Math.abs(x), Math.abs(y))));
  const scale = farthest === 0 ? 0 : (side / 2 - MARGIN) / farthest;
  return ({ x, y }) => ({ x: side / 2 + x * scale, y: side / 2 - y * scale });
}

/** Moves dots that lie on each other a little aside, in a spiral, so that each can be pointed at. */
function spread(dots: readonly Dot[]): Dot[] {
  const placed: Dot[] = [];
  for (const dot of dots) {
    let moved = dot;
    for (let turn = 1; turn <= 60 && placed.some((other) => Math.hypot(other.x - moved.x, other.y - moved.y) < APART); turn += 1) {
      const [angle, distance] = [turn * 2.4, APART * 0.6 * Math.sqrt(turn)];
      moved = { ...dot, x: dot.x + distance * Math.cos(angle), y: dot.y + distance * Math.sin(angle) };
    }
    placed.push(moved);
  }
  return placed;
}

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** The dot to which an arrow key leads: the nearest one on that side, straight ahead before aside; itself where there is none. */
export function neighbour(dots: readonly Dot[], from: number, direction: Direction): number {
  const here = dots.find((dot) => dot.number === from);
  if (!here) return dots[0]?.number ?? from;
  const [sign, along, across] = WAYS[direction];
  const ahead = dots.filter((dot) => sign * (dot[along] - here[along]) > 0);
  const cost = (dot: Dot) => Math.abs(dot[along] - here[along]) + 2 * Math.abs(dot[across] - here[across]);
  return ahead.reduce<Dot | undefined>((best, dot) => (best && cost(best) <= cost(dot) ? best : dot), undefined)?.number ?? from;
}

const WAYS: Record<Direction, readonly [sign: 1 | -1, along: "x" | "y", across: "x" | "y"]> = {
  ArrowLeft: [-1, "x", "y"],
  ArrowRight: [1, "x", "y"],
  ArrowUp: [-1, "y", "x"],
  ArrowDown: [1, "y", "x"],
};

export interface Shared {
  statement: MapStatement;
  agree: boolean;
  score: number;
}

/** What the shares of all groups multiplied would be, were each group split in halves. */
export function halvesOf(groups: number): number {
  return 0.5 ** groups;
}

/** Statements on which all groups are on one side, more than if each were split in halves, those first on which they are most; none where groups are not told. */
export function acrossGroups({ statements, groups }: Pick<OpinionMap, "statements" | "groups">, most: number): Shared[] {
  const shared = statements.flatMap((statement): Shared[] => {
    const { consensusAgree, consensusDisagree } = statement;
    if (consensusAgree === undefined || consensusDisagree === undefined) return [];
    const agree = consensusAgree >= consensusDisagree;
    const score = agree ? consensusAgree : consensusDisagree;
    return score > halvesOf(groups.length) ? [{ statement, agree, score }] : [];
  });
  return topOf(shared, most);
}

/** Statements that bring people together by the second opinion, best first; those only that more than half of all who judged them agree with. */
export function bridgingMost(statements: readonly MapStatement[], most: number): Shared[] {
  return topOf(
    statements.flatMap((statement): Shared[] => {
      const { bridging, count } = statement;
      return bridging !== undefined && count && 2 * count.agree > count.all ? [{ statement, agree: true, score: bridging }] : [];
    }),
    most,
  );
}

function topOf(shared: Shared[], most: number): Shared[] {
  return shared.sort((a, b) => b.score - a.score || a.statement.number - b.statement.number).slice(0, most);
}

export type StatementOrder = "number" | "agree" | "disagree" | "across" | "bridging";

/** Sorts statements by a column; those without a value come last in either direction. */
export function sortStatements(statements: readonly MapStatement[], by: StatementOrder, descending: boolean): MapStatement[] {
  const value = (statement: MapStatement): number | undefined => {
    switch (by) {
      case "number":
        return statement.number;
      case "agree":
        return statement.count?.agree;
      case "disagree":
        return statement.count?.disagree;
      case "across":
        return acrossOf(statement);
      case "bridging":
        return statement.bridging;
    }
  };
  return [...statements].sort((a, b) => {
    const [left, right] = [value(a), value(b)];
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined) || a.number - b.number;
    return (descending ? right - left : left - right) || a.number - b.number;
  });
}

/** How far all groups are on the side of a statement on which they are most; undefined while groups are not told. */
export function acrossOf({ consensusAgree, consensusDisagree }: Pick<MapStatement, "consensusAgree" | "consensusDisagree">): number | undefined {
  return consensusAgree === undefined || consensusDisagree === undefined ? undefined : Math.max(consensusAgree, consensusDisagree);
}

/** What a group says more than others, with the statements themselves. */
export function sidesOf(map: Pick<OpinionMap, "statements">, sides: MapGroup["representative"]): { statement: MapStatement; agree: boolean }[] {
  const byNumber = new Map(map.statements.map((statement) => [statement.number, statement]));
  return sides.flatMap(({ number, agree }) => {
    const statement = byNumber.get(number);
    return statement ? [{ statement, agree }] : [];
  });
}
