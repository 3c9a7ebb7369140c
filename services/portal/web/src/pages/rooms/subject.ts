// What a room is about, in words, and the subject of a request.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import type { RoomSubject, RoomSubjectSchema } from "../../gen/gongzhi/exchange/v1/room_pb.ts";

export type Kind = "case" | "category" | "place";
export const KINDS: readonly Kind[] = ["case", "category", "place"];

/** Says what a room is about: one case of a community, a category in an area, everything there. */
export function useSubjectWords(): (subject: RoomSubject | undefined) => string {
  const { t } = useSpeech();
  const { areaName, categoryName } = useReference();
  return (subject) => {
    if (!subject) return "";
    const area = areaName(subject.areaCode);
    switch (subject.about.case) {
      case "caseId":
        return `${area} · ${t("room.subject.case")}`;
      case "categoryCode":
        return t("room.subject.categoryOf", { area, category: categoryName(subject.about.value) });
      case undefined:
        return t("room.subject.placeOf", { area });
    }
  };
}

export function subjectOf({ kind, areaCode, caseId, categoryCode }: { kind: Kind; areaCode: string; caseId: string; categoryCode: string }): MessageInitShape<typeof RoomSubjectSchema> {
  switch (kind) {
    case "case":
      return { areaCode, about: { case: "caseId", value: caseId.trim() } };
    case "category":
      return { areaCode, about: { case: "categoryCode", value: categoryCode } };
    case "place":
      return { areaCode };
  }
}
