// Files of rooms: sent in one call, read in pieces. Both may take long over a phone's network, so they wait as long as a service lets anybody wait.
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { CallOptions } from "@connectrpc/connect";
import type { AddEvidenceRequestSchema, AddEvidenceResponse, Evidence, ReadEvidenceRequestSchema } from "../gen/gongzhi/exchange/v1/room_pb.ts";
import { rooms } from "./exchange.ts";

const PATIENCE_MS = 60_000;

export class Damaged extends Error {}

export async function addEvidence(request: MessageInitShape<typeof AddEvidenceRequestSchema>, file: Blob, options: CallOptions): Promise<AddEvidenceResponse> {
  const content = new Uint8Array(await file.arrayBuffer());
  return rooms.addEvidence({ ...request, content }, { ...options, timeoutMs: PATIENCE_MS });
}

/** Reads a file whole; throws `Damaged` where it is not what was handed in. */
export async function readEvidence(request: MessageInitShape<typeof ReadEvidenceRequestSchema>, evidence: Evidence, signal?: AbortSignal): Promise<Blob> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const { piece } of rooms.readEvidence(request, { timeoutMs: PATIENCE_MS, ...(signal && { signal }) })) pieces.push(new Uint8Array(piece));
  const blob = new Blob(pieces, { type: evidence.mediaType });
  if (BigInt(blob.size) !== evidence.bytes || !(await hasDigest(blob, evidence.sha256))) throw new Damaged("the bytes are not those that were handed in");
  return blob;
}

/** Over plain http a page has no digests; there the size must do. */
async function hasDigest(blob: Blob, sha256: string): Promise<boolean> {
  if (!globalThis.crypto?.subtle || sha256 === "") return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256.toLowerCase();
}
