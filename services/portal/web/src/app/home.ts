// Where a person starts: the board of the widest own area, else the inbox, else what the post is for.
import type { Permits } from "./permits.ts";

/** The first page for these permits; undefined when no post allows any page. */
export function homeOf(permits: Permits): string | undefined {
  const area = permits.areasOf("board.read")[0];
  if (area) return `/board/${area}`;
  if (permits.holds("whistle.read")) return "/inbox";
  if (permits.holds("case.read")) return "/cases";
  return undefined;
}
