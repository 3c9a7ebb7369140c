// Files that are handed in as evidence: what may come in, told by the first bytes and the ending of the name. The service looks again.
import type { Language, WordKey } from "../app/words/index.ts";
import { say } from "../app/words/index.ts";

export const MOST_BYTES = 20 * 1024 * 1024;
/** As many first bytes as tell every kind. */
export const HEAD_BYTES = 12;

interface Kind {
  mediaType: string;
  word: WordKey;
  endings: readonly string[];
  /** What the file begins with; a dot stands for any byte. */
  head: string;
}

const OFFICE = "application/vnd.openxmlformats-officedocument";
const ZIP = "PK\x03\x04";
const KINDS: readonly Kind[] = [
  { mediaType: "image/jpeg", word: "file.kind.jpeg", endings: ["jpg", "jpeg"], head: "\xff\xd8\xff" },
  { mediaType: "image/png", word: "file.kind.png", endings: ["png"], head: "\x89PNG\r\n\x1a\n" },
  { mediaType: "image/webp", word: "file.kind.webp", endings: ["webp"], head: "RIFF....WEBP" },
  { mediaType: "image/gif", word: "file.kind.gif", endings: ["gif"], head: "GIF8" },
  { mediaType: "application/pdf", word: "file.kind.pdf", endings: ["pdf"], head: "%PDF-" },
  { mediaType: `${OFFICE}.wordprocessingml.document`, word: "file.kind.docx", endings: ["docx"], head: ZIP },
  { mediaType: `${OFFICE}.spreadsheetml.sheet`, word: "file.kind.xlsx", endings: ["xlsx"], head: ZIP },
  { mediaType: `${OFFICE}.presentationml.presentation`, word: "file.kind.pptx", endings: ["pptx"], head: ZIP },
];

/** What a file dialog offers. */
export const ACCEPTED = KINDS.flatMap((kind) => [kind.mediaType, ...kind.endings.map((ending) => `.${ending}`)]).join(",");

/** Why a file cannot be handed in, in words; undefined where it can. */
export function objectionTo(name: string, bytes: number, head: Uint8Array, language: Language): string | undefined {
  if (bytes === 0) return say(language, "file.empty");
  const alike = KINDS.filter((kind) => beginsWith(head, kind.head));
  const [first] = alike;
  if (!first) return say(language, "file.otherKind");
  if (bytes > MOST_BYTES) return say(language, "file.tooLarge", { size: bytesInWords(bytes) });
  const endings = alike.flatMap((kind) => kind.endings);
  if (endings.includes(endingOf(name))) return undefined;
  const kind = say(language, alike.length > 1 ? "file.kind.office" : first.word);
  return say(language, "file.wrongEnding", { kind, endings: endings.map((ending) => `.${ending}`).join(language === "zh" ? " 或 " : " or ") });
}

/** The name with its ending; a photo that has none yet gets that of its kind. */
export function namedWithEnding(name: string, head: Uint8Array): string {
  const alike = KINDS.filter((kind) => beginsWith(head, kind.head));
  return name.includes(".") || alike.length !== 1 ? name : `${name}.${alike[0]?.endings[0]}`;
}

/** What a media type is called; itself where the pages do not know it. */
export function kindInWords(mediaType: string, language: Language): string {
  const kind = KINDS.find((one) => one.mediaType === mediaType);
  return kind ? say(language, kind.word) : mediaType;
}

export function isPicture(mediaType: string): boolean {
  return mediaType.startsWith("image/") && KINDS.some((kind) => kind.mediaType === mediaType);
}

/** A size as people read it: `820 B`, `3.4 KiB`, `20 MiB`. */
export function bytesInWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const [amount, unit] = bytes < 1024 * 1024 ? [bytes / 1024, "KiB"] : [bytes / 1024 / 1024, "MiB"];
  // A file a little over a limit is never told as one that keeps it.
  return `${Number((Math.ceil(amount * 10) / 10).toFixed(1))} ${unit}`;
}

function endingOf(name: string): string {
  return /\.([^.]+)$/.exec(name.trim())?.[1]?.toLowerCase() ?? "";
}

function beginsWith(head: Uint8Array, wanted: string): boolean {
  return [...wanted].every((letter, index) => letter === "." || head[index] === letter.charCodeAt(0));
}

/** True when these are the first bytes of a picture. */
export function isPictureHead(head: Uint8Array): boolean {
  return KINDS.some((kind) => isPicture(kind.mediaType) && beginsWith(head, kind.head));
}

/** The name as it would have to be; for judging the content alone. */
export function withFittingName(name: string, head: Uint8Array): string {
  const ending = KINDS.find((kind) => beginsWith(head, kind.head))?.endings[0];
  return ending ? `${name}.${ending}` : name;
}
