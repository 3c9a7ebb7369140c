// One key per intent: the same form with the same values keeps its key when it is sent again, so a retry is recognised.

/** Makes a random UUID, on plain http too, where `crypto.randomUUID` is missing. */
export function freshKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Remembers the key of an intent for as long as the values stay the same. */
export class IntentKeys {
  #values: string | undefined;
  #key = "";

  /** The key for these values: the last one if they are unchanged, else a fresh one. */
  keyFor(values: unknown): string {
    const text = JSON.stringify(values);
    if (text !== this.#values) {
      this.#values = text;
      this.#key = freshKey();
    }
    return this.#key;
  }

  /** Forgets the intent, because it was carried out. */
  done(): void {
    this.#values = undefined;
  }
}

/** The request header that carries the key. */
export const KEY_HEADER = "idempotency-key";
/** How long a write may take, with all its tries. */
const WRITTEN_WITHIN_MS = 30_000;

/** What is sent with a write: its key, and the time in which it is tried again by the same key. */
export function idempotent(key: string): { headers: { [KEY_HEADER]: string }; timeoutMs: number } {
  return { headers: { [KEY_HEADER]: key }, timeoutMs: WRITTEN_WITHIN_MS };
}
