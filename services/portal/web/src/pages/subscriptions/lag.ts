// How far behind a subscription is, in words.
import type { Language } from "../../app/words/index.ts";
import { say } from "../../app/words/index.ts";
import { durationInWords } from "../../format/durations.ts";
import type { Progress } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";

export function lagInWords(progress: Progress | undefined, language: Language): string {
  const behind = progress ? progress.newestPosition - progress.position : 0n;
  if (!progress || behind <= 0n) return say(language, "subscriptions.caughtUp");
  // Nothing was read for it yet, so nobody knows how long; or what waits has only just come.
  if (progress.lagSeconds < 1) return say(language, "subscriptions.behindShort", { n: behind.toString() });
  return say(language, "subscriptions.behind", { n: behind.toString(), length: durationInWords(progress.lagSeconds * 1000, language) });
}

export function heldInWords(progress: Progress | undefined, language: Language): string {
  const held = progress?.held ?? 0n;
  if (!progress || held === 0n) return say(language, "subscriptions.noneHeld");
  if (progress.parked === 0n) return say(language, "subscriptions.heldOnly", { held: held.toString() });
  return say(language, "subscriptions.heldParked", { held: held.toString(), parked: progress.parked.toString() });
}
