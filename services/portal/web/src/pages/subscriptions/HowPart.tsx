// Third part of the form of a subscription: the way of delivery and where it begins.
import { Form, Input, Radio } from "antd";
import { startField, startTimeField } from "../../actions/exchangeSpecs.ts";
import { FieldInput } from "../../actions/FieldInput.tsx";
import { rulesOf } from "../../actions/fields.ts";
import { type FieldSpec, isAsked } from "../../actions/specs.ts";
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { wayNote, wayWord } from "../../format/exchange.ts";
import { DeliveryWay, SignatureScheme } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";

/** A new subscription mostly begins now; a rewind never does. */
const nowFirst: FieldSpec = startField.kind === "choice" ? { ...startField, options: [...startField.options].reverse() } : startField;
const WAYS = [DeliveryWay.PULL, DeliveryWay.WEBHOOK, DeliveryWay.NATS];

export function HowPart() {
  const { t, language } = useSpeech();
  const form = Form.useFormInstance();
  const way = Form.useWatch("way", form) as DeliveryWay | undefined;
  const start = Form.useWatch("start", form) as number | undefined;
  return (
    <Panel title={t("subscribe.how")} className="subscribe-part">
      <Form.Item name="way" label={t("subscribe.way")}>
        <Radio.Group className="choices">
          {WAYS.map((value) => (
            <Radio key={value} value={value}>
              {t(wayWord[value])} <span className="quiet">· {t(wayNote[value])}</span>
            </Radio>
          ))}
        </Radio.Group>
      </Form.Item>
      {way === DeliveryWay.WEBHOOK && <WebhookItems />}
      <Form.Item name="start" label={t("subscribe.start")}>
        <FieldInput field={nowFirst} />
      </Form.Item>
      {isAsked(startTimeField, { start }) && (
        <Form.Item name={startTimeField.name} label={t(startTimeField.label)} rules={rulesOf(startTimeField, language)}>
          <FieldInput field={startTimeField} />
        </Form.Item>
      )}
    </Panel>
  );
}

function WebhookItems() {
  const { t, language } = useSpeech();
  const urlRule = {
    required: true,
    validator: (_: unknown, value: unknown) => (/^https?:\/\/\S+$/.test(String(value ?? "").trim()) ? Promise.resolve() : Promise.reject(new Error(t("subscribe.needUrl")))),
  };
  return (
    <>
      <Form.Item name="url" label={t("subscribe.url")} extra={t("subscribe.urlHint")} rules={[urlRule]}>
        <Input inputMode="url" autoComplete="off" data-testid="webhook-url" />
      </Form.Item>
      <Form.Item name="scheme" label={t("subscriptions.scheme")}>
        <Radio.Group className="choices">
          <Radio value={SignatureScheme.ED25519}>
            {t("subscriptions.scheme.ed25519")} <span className="quiet">· {t("subscriptions.scheme.ed25519Note")}</span>
          </Radio>
          <Radio value={SignatureScheme.HMAC}>
            {t("subscriptions.scheme.hmac")} <span className="quiet">· {t("subscriptions.scheme.hmacNote")}</span>
          </Radio>
        </Radio.Group>
      </Form.Item>
      <Form.Item
        name="allowedNetworks"
        label={t("subscribe.networks")}
        extra={t("subscribe.networksHint")}
        rules={rulesOf({ kind: "references", name: "allowedNetworks", label: "subscribe.networks", max: 10, length: 50 }, language)}
      >
        <Input.TextArea autoSize={{ minRows: 1, maxRows: 10 }} spellCheck={false} />
      </Form.Item>
    </>
  );
}
