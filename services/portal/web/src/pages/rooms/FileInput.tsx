// Chooses one file: from the disk, dropped, or as a photo where there is a camera at hand.
import { CameraOutlined, UploadOutlined } from "@ant-design/icons";
import { Button } from "antd";
import { type DragEvent, type RefObject, useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { type Language, say } from "../../app/words/index.ts";
import { ACCEPTED, bytesInWords, HEAD_BYTES, isPictureHead, namedWithEnding, objectionTo, withFittingName } from "../../format/files.ts";
import { freshKey } from "../../rpc/idempotency.ts";
import { Picture } from "./Picture.tsx";

export interface ChosenFile {
  /** Another one for every choice, so that another file is another intent. */
  key: string;
  file: File;
  head: Uint8Array;
  /** Why it cannot be handed in, whatever it is called. */
  objection?: Record<Language, string>;
}

interface FileInputProps {
  id?: string;
  value?: ChosenFile;
  onChange?: (value: ChosenFile) => void;
  disabled: boolean;
  onNamed: (name: string) => void;
  onChosen: () => void;
}

export function FileInput({ id, value, onChange, disabled, onNamed, onChosen }: FileInputProps) {
  const { t } = useSpeech();
  const files = useRef<HTMLInputElement>(null);
  const photos = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);

  const take = async (file: File | undefined) => {
    if (!file || disabled) return;
    const chosen = await look(file);
    onNamed(namedWithEnding(file.name, chosen.head));
    onChange?.(chosen);
    // The form holds it after this; then it says what is wrong with it at once.
    window.setTimeout(onChosen, 0);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const over = (event: DragEvent) => {
    event.preventDefault();
    setOver(true);
  };
  return (
    <div id={id} tabIndex={-1} className={isOver ? "file-input file-over" : "file-input"} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop} data-testid="file-input">
      {value && (
        <p className="file-chosen">
          <span>{value.file.name}</span> <span className="quiet">{bytesInWords(value.file.size)}</span>
        </p>
      )}
      {value && !value.objection && isPictureHead(value.head) && <Picture key={value.key} blob={value.file} label={value.file.name} />}
      <div className="row">
        <Button icon={<UploadOutlined />} onClick={() => files.current?.click()} disabled={disabled}>
          {t(value ? "room.evidence.other" : "room.evidence.choose")}
        </Button>
        <Button className="touch-only" icon={<CameraOutlined />} onClick={() => photos.current?.click()} disabled={disabled}>
          {t("room.evidence.photo")}
        </Button>
        <span className="quiet mouse-only">{t("room.evidence.drop")}</span>
      </div>
      <HiddenFile input={files} accept={ACCEPTED} onFile={take} testId="evidence-file" />
      <HiddenFile input={photos} accept="image/*" camera onFile={take} />
    </div>
  );
}

interface HiddenFileProps {
  input: RefObject<HTMLInputElement | null>;
  accept: string;
  camera?: boolean;
  onFile: (file: File | undefined) => Promise<void>;
  testId?: string;
}

function HiddenFile({ input, accept, camera = false, onFile, testId }: HiddenFileProps) {
  return (
    <input
      ref={input}
      type="file"
      className="file-hidden"
      tabIndex={-1}
      aria-hidden="true"
      accept={accept}
      {...(camera && { capture: "environment" })}
      onChange={(event) => {
        void onFile(event.target.files?.[0]);
        // So that the same file can be chosen again.
        event.target.value = "";
      }}
      data-testid={testId}
    />
  );
}

async function look(file: File): Promise<ChosenFile> {
  const key = freshKey();
  try {
    const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
    const inLanguage = (language: Language) => objectionTo(withFittingName(file.name, head), file.size, head, language);
    const zh = inLanguage("zh");
    return { key, file, head, ...(zh && { objection: { zh, en: inLanguage("en") ?? zh } }) };
  } catch {
    return { key, file, head: new Uint8Array(), objection: { zh: say("zh", "file.unreadable"), en: say("en", "file.unreadable") } };
  }
}
