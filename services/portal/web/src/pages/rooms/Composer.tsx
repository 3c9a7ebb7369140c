// Adds a note, an assessment or a piece of evidence. What is written stays while another kind is looked at.
import { App, Segmented } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { AssessmentForm } from "./AssessmentForm.tsx";
import { EvidenceForm } from "./EvidenceForm.tsx";
import { NoteForm } from "./NoteForm.tsx";

export type EntryKind = "note" | "assessment" | "evidence";
const KINDS: readonly EntryKind[] = ["note", "assessment", "evidence"];

export interface EntryFormProps {
  roomId: string;
  /** The organization for which it is added. */
  as: string;
  onDone: () => void;
}

export function Composer({ roomId, as, onDone }: EntryFormProps) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const [kind, setKind] = useState<EntryKind>("note");
  const done = () => {
    message.success(t("action.done"));
    onDone();
  };
  const about = { roomId, as, onDone: done };
  return (
    <div className="stack">
      <Segmented<EntryKind> block value={kind} onChange={setKind} options={KINDS.map((value) => ({ value, label: <span data-testid={`say-${value}`}>{t(`room.${value}`)}</span> }))} />
      <p className="quiet">{t("room.noPersonal")}</p>
      <div hidden={kind !== "note"}>
        <NoteForm {...about} />
      </div>
      <div hidden={kind !== "assessment"}>
        <AssessmentForm {...about} />
      </div>
      <div hidden={kind !== "evidence"}>
        <EvidenceForm {...about} />
      </div>
    </div>
  );
}
