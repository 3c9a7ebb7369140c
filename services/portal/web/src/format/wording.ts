// What an amendment changes: the words that go and the words that come.
export interface Part {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Compares two texts sign by sign, words of letters and digits as wholes, and tells the longest common run of them. */
export function differenceOf(before: string, after: string): Part[] {
  const [from, to] = [signsOf(before), signsOf(after)];
  // common[i][j]: signs in common of what begins at i and what begins at j.
  const common = Array.from({ length: from.length + 1 }, () => new Uint16Array(to.length + 1));
  for (let i = from.length - 1; i >= 0; i -= 1) {
    for (let j = to.length - 1; j >= 0; j -= 1) {
      common[i]![j] = from[i] === to[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const parts: Part[] = [];
  const put = (kind: Part["kind"], text: string) => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    if (i < from.length && j < to.length && from[i] === to[j]) {
      put("same", from[i]!);
      [i, j] = [i + 1, j + 1];
    } else if (j >= to.length || (i < from.length && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      put("gone", from[i]!);
      i += 1;
    } else {
      put("new", to[j]!);
      j += 1;
    }
  }
  return parts;
}

function signsOf(text: string): string[] {
  return text.match(/[A-Za-z0-9]+|[^]/gu) ?? [];
}
