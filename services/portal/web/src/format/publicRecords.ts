// Public records as files: put together from pieces, digested, saved.

export interface ReadRecord<T> {
  bytes: Blob;
  /** SHA-256 of the file; undefined where the browser computes none. */
  digest: string | undefined;
  record: T;
}

/** Puts the pieces of a record together and reads it. */
export async function readRecord<T>(answers: AsyncIterable<{ piece: Uint8Array }>): Promise<ReadRecord<T>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const { piece } of answers) pieces.push(new Uint8Array(piece));
  const bytes = new Blob(pieces, { type: "application/json" });
  const whole = await bytes.arrayBuffer();
  return { bytes, digest: await digestOf(whole), record: JSON.parse(new TextDecoder().decode(whole)) as T };
}

/** SHA-256 in hexadecimal; undefined where the browser computes none, as over plain http. */
export async function digestOf(bytes: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  if (!globalThis.crypto?.subtle) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Lets the browser save a file. */
export function save(bytes: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
