// A note for everybody in the room.
import { Button, Form, Input } from "antd";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { organizationOf } from "../../format/organizations.ts";
import { rooms } from "../../rpc/exchange.ts";
import type { EntryFormProps } from "./Composer.tsx";

const LONGEST = 2000;

export function NoteForm({ roomId, as, onDone }: EntryFormProps) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<{ text: string }>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["text"],
    about: { roomId, as },
    call: ({ text }: { text: string }, options) => {
      const organization = organizationOf(as);
      return rooms.addNote({ roomId, ...(organization && { organization }), text: text.trim() }, options);
    },
    onDone: () => {
      form.resetFields();
      onDone();
    },
  });
  return (
    <Form name="note" form={form} layout="vertical" onFinish={submit} disabled={busy} data-testid="note-form">
      {failure && <Objection failure={failure} rest={rest} />}
      <Form.Item name="text" label={t("room.note.text")} rules={rulesOf({ kind: "text", name: "text", label: "room.note.text", min: 1, max: LONGEST }, language)}>
        <Input.TextArea autoSize={{ minRows: 4, maxRows: 14 }} count={{ show: true, max: LONGEST, strategy: lengthOf }} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} data-testid="add-note">
        {t("room.note.add")}
      </Button>
    </Form>
  );
}
