// A report while it is being written. Pure.
import type { PlaceSchema } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";

export interface Position {
  longitude: number;
  latitude: number;
  gridId: string;
  gridName: string;
}

/** What is the matter and where: the first step. */
export interface Draft {
  description: string;
  community: string;
  estate: string;
  building: string;
  spot: string;
  position: Position | undefined;
}

export const emptyDraft: Draft = { description: "", community: "", estate: "", building: "", spot: "", position: undefined };

/** The place of a draft as the service takes it: the smallest area that was chosen. */
export function placeOf(draft: Draft): MessageInitShape<typeof PlaceSchema> {
  const { position } = draft;
  return {
    areaCode: draft.building || draft.estate || draft.community,
    spot: draft.spot.trim(),
    ...(position && { longitude: position.longitude, latitude: position.latitude, gridId: position.gridId }),
  };
}

const LONGEST_TITLE = 80;

/** Proposes a title: the first sentence of what the resident said. */
export function titleOf(description: string): string {
  const sentence = description.trim().split(/[。!?!?\n]/)[0]?.trim() ?? "";
  return [...sentence].slice(0, LONGEST_TITLE).join("");
}
