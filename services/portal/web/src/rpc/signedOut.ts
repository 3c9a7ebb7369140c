// One place to hear that a call was answered with "not signed in", whichever page made it.

let listener: (() => void) | undefined;

/** Sets who is told; the session is. Returns how to stop listening. */
export function hearSignedOut(told: () => void): () => void {
  listener = told;
  return () => {
    if (listener === told) listener = undefined;
  };
}

export function tellSignedOut(): void {
  listener?.();
}
