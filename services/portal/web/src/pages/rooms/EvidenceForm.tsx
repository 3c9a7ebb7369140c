// Hands in a picture or a file: looked at before it is sent, once per choice, and with a word on how long it takes.
import { Button, Form, Input } from "antd";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { bytesInWords, objectionTo } from "../../format/files.ts";
import { organizationOf } from "../../format/organizations.ts";
import { addEvidence } from "../../rpc/evidence.ts";
import type { EntryFormProps } from "./Composer.tsx";
import { type ChosenFile, FileInput } from "./FileInput.tsx";

interface Wanted {
  content: ChosenFile;
  fileName: string;
  caption?: string;
}

const LONGEST_NAME = 120;
const LONGEST_CAPTION = 200;

export function EvidenceForm({ roomId, as, onDone }: EntryFormProps) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<Wanted>();
  const chosen = Form.useWatch("content", form);
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["content", "fileName", "caption"],
    about: { roomId, as },
    call: ({ content, fileName, caption = "" }: Wanted, options) => {
      const organization = organizationOf(as);
      return addEvidence({ roomId, ...(organization && { organization }), fileName: fileName.trim(), caption: caption.trim() }, content.file, options);
    },
    onDone: () => {
      form.resetFields();
      onDone();
    },
  });
  const fileRule = {
    required: true,
    validator: (_: unknown, value: ChosenFile | undefined) => {
      if (!value) return Promise.reject(new Error(t("room.evidence.need")));
      // A name that does not fit is told where the name stands.
      const { objection } = value;
      return objection ? Promise.reject(new Error(objection[language])) : Promise.resolve();
    },
  };
  const nameRule = {
    validator: (_: unknown, value: unknown) => {
      const content = form.getFieldValue("content") as ChosenFile | undefined;
      const said = content && !content.objection && objectionTo(String(value ?? ""), content.file.size, content.head, language);
      return said ? Promise.reject(new Error(said)) : Promise.resolve();
    },
  };
  const captionRules = rulesOf({ kind: "text", name: "caption", label: "room.evidence.caption", min: 0, max: LONGEST_CAPTION }, language).map((rule) => ({ ...rule, required: false }));
  return (
    <Form<Wanted> name="evidence" form={form} layout="vertical" onFinish={submit} disabled={busy} data-testid="evidence-form">
      {failure && <Objection failure={failure} rest={rest} />}
      <Form.Item name="content" label={t("room.evidence.file")} extra={t("room.evidence.hint")} rules={[fileRule]}>
        <FileInput disabled={busy} onNamed={(name) => form.setFieldValue("fileName", name)} onChosen={() => void form.validateFields(["content", "fileName"]).catch(() => undefined)} />
      </Form.Item>
      <Form.Item
        name="fileName"
        label={t("room.evidence.name")}
        extra={t("room.evidence.nameHint")}
        hidden={!chosen || chosen.objection !== undefined}
        rules={[...rulesOf({ kind: "text", name: "fileName", label: "room.evidence.name", min: 1, max: LONGEST_NAME }, language), nameRule]}
      >
        <Input />
      </Form.Item>
      <Form.Item name="caption" label={t("room.evidence.caption")} rules={captionRules}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} count={{ show: true, max: LONGEST_CAPTION, strategy: lengthOf }} />
      </Form.Item>
      <div className="row">
        <Button type="primary" htmlType="submit" loading={busy} data-testid="add-evidence">
          {t("room.evidence.add")}
        </Button>
        {busy && chosen && (
          <span className="quiet" role="status">
            {t("room.evidence.sending", { size: bytesInWords(chosen.file.size) })}
          </span>
        )}
      </div>
    </Form>
  );
}
