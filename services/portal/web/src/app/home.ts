// Where a person starts: with what waits for a decision of the post, the board of the widest own area, the inbox, else what the post is for.
import type { Permits } from "./permits.ts";

/** The board of the widest own area; undefined when no post allows one. */
export function boardOf(permits: Permits): string | undefined {
  const area = permits.areasOf("board.read")[0];
  return area && `/board/${area}`;
}

/** The first page for these permits; undefined when no post allows any page. */
export function homeOf(permits: Permits): string | undefined {
  if (permits.holds("grant.decide")) return "/grants";
  const board = boardOf(permits);
  if (board) return board;
  if (permits.holds("whistle.read")) return "/inbox";
  if (permits.holds("case.read")) return "/cases";
  if (permits.holds("subscription.read")) return "/subscriptions";
  if (permits.holds("grant.read")) return "/grants";
  if (permits.holds("topic.read")) return "/topics";
  return undefined;
}
