// An own statement: one thought, as many of a slip as the service takes, and what happens with it.
import { Button, Form, Input } from "antd";
import { useEffect, useState } from "react";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { STATEMENT } from "../../actions/opinionSpecs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { REJECTIONS, rejectionWord } from "../../format/opinions.ts";
import { publicConversations } from "../../rpc/deliberation.ts";
import "../../actions/actions.css";

interface Own {
  text: string;
}

export function OwnPart({ conversationId, code, left, onMade }: { conversationId: string; code: string; left: number; onMade: () => void }) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<Own>();
  const [taken, setTaken] = useState(false);
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["text"],
    about: { conversationId, left },
    call: ({ text }: Own, options) => publicConversations.submitStatement({ conversationId, code, text: text.trim() }, options),
    onDone: () => {
      form.resetFields();
      setTaken(true);
      onMade();
    },
  });
  const personal = failure?.violations.some(({ description }) => description.includes("personal data"));
  useEffect(() => {
    // What the service found in it is said in the language of the page.
    if (personal) form.setFields([{ name: "text", errors: [t("say.ownPersonal")] }]);
  }, [personal, form, t]);
  const reasons = REJECTIONS.map((one) => t(rejectionWord[one])).join(language === "zh" ? "、" : "; ");
  return (
    <Panel title={t("say.own")} aside={<span data-testid="own-left">{t("say.ownLeft", { n: left })}</span>} testId="say-own">
      <div className="stack">
        {failure && <Objection failure={failure} rest={rest} />}
        <p role="status" className="say-taken">
          {taken && !failure && t("say.ownTaken")}
        </p>
        {left === 0 ? (
          <p>{t("say.ownFull")}</p>
        ) : (
          <Form<Own> form={form} layout="vertical" onFinish={submit} onValuesChange={() => setTaken(false)} disabled={busy} requiredMark={false}>
            <Form.Item name="text" label={t("say.ownText")} rules={rulesOf(STATEMENT, language)} validateTrigger="onBlur">
              <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} count={{ show: true, max: STATEMENT.max, strategy: lengthOf }} />
            </Form.Item>
            <Button size="large" htmlType="submit" loading={busy} data-testid="own-send">
              {t("say.ownSend")}
            </Button>
          </Form>
        )}
        <p className="quiet">{t("say.ownNote", { reasons })}</p>
      </div>
    </Panel>
  );
}
