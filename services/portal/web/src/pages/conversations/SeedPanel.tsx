// Statements of the organisers with which a conversation begins, one after the other.
import { Button, Form, Input } from "antd";
import type { TextAreaRef } from "antd/es/input/TextArea";
import { useRef, useState } from "react";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { STATEMENT } from "../../actions/opinionSpecs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { conversations } from "../../rpc/deliberation.ts";
import "../../actions/actions.css";

interface Seed {
  text: string;
}

export function SeedPanel({ conversationId, onMade }: { conversationId: string; onMade: () => void }) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<Seed>();
  const field = useRef<TextAreaRef>(null);
  const [made, setMade] = useState<number>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["text"],
    about: conversationId,
    call: ({ text }: Seed, options) => conversations.seedStatement({ conversationId, text: text.trim() }, options),
    onDone: ({ statement }) => {
      form.resetFields();
      setMade(statement?.number);
      field.current?.focus();
      onMade();
    },
  });
  return (
    <Panel title={t("moderation.seed")} testId="seed">
      <div className="stack">
        <p className="quiet">{t("moderation.seedNote")}</p>
        {failure && <Objection failure={failure} rest={rest} />}
        <Form<Seed> form={form} layout="vertical" onFinish={submit} requiredMark={false}>
          <Form.Item name="text" label={t("field.statement")} rules={rulesOf(STATEMENT, language)} validateTrigger="onSubmit">
            <Input.TextArea
              ref={field}
              autoSize={{ minRows: 1, maxRows: 6 }}
              count={{ show: true, max: STATEMENT.max, strategy: lengthOf }}
              onPressEnter={(event) => {
                // A statement is one thought, so a new line sends it; not while a Chinese word is being composed.
                if (event.shiftKey || event.nativeEvent.isComposing) return;
                event.preventDefault();
                form.submit();
              }}
            />
          </Form.Item>
          <div className="row">
            <Button htmlType="submit" loading={busy} data-testid="seed-send">
              {t("moderation.seedSend")}
            </Button>
            <span role="status" data-testid="seeded" data-number={made}>
              {made !== undefined && !failure && t("moderation.seeded", { n: made })}
            </span>
          </div>
        </Form>
      </div>
    </Panel>
  );
}
