// The form of one action: asks for what the rpc needs, sends it once per intent, shows every objection at its field.
import { Alert, App, Form, Modal } from "antd";
import { useRef, useState } from "react";
import { useSpeech } from "../app/language.tsx";
import { useReference } from "../app/reference.tsx";
import { type Failure, failureOf } from "../rpc/failure.ts";
import { IntentKeys, idempotent } from "../rpc/idempotency.ts";
import { inWords } from "../rpc/reasons.ts";
import { FieldInput } from "./FieldInput.tsx";
import { problemsOf, rulesOf } from "./fields.ts";
import type { ActionSpec, FormValues, Target } from "./specs.ts";

interface ActionFormProps {
  rpc: string;
  spec: ActionSpec;
  target: Target;
  onClose: () => void;
  onDone: () => void;
}

export function ActionForm({ rpc, spec, target, onClose, onDone }: ActionFormProps) {
  const { t, language } = useSpeech();
  const { departmentName } = useReference();
  const { message } = App.useApp();
  const [form] = Form.useForm<FormValues>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());

  const submit = async (values: FormValues) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await spec.call(target, values, idempotent(intents.current.keyFor({ rpc, target, values })));
      intents.current.done();
      message.success(t("action.done"));
      onDone();
      onClose();
    } catch (thrown) {
      const found = failureOf(thrown);
      form.setFields(problemsOf(found, spec.fields.map((field) => field.name)).fields);
      setFailure(found);
    } finally {
      setBusy(false);
    }
  };

  const title = target.departmentCode ? t("action.for", { action: t(spec.title), department: departmentName(target.departmentCode) }) : t(spec.title);
  return (
    <Modal
      open
      title={title}
      okText={t(spec.fields.length > 0 ? "action.submit" : spec.title)}
      cancelText={t("state.cancel")}
      okButtonProps={{ danger: spec.grave === true, "data-testid": "action-submit" }}
      confirmLoading={busy}
      onOk={form.submit}
      onCancel={onClose}
      destroyOnHidden
      width={520}
    >
      <div className="stack action-form" data-testid={`action-form-${rpc}`}>
        {spec.note && <p className="quiet">{t(spec.note)}</p>}
        {failure && <Objection failure={failure} rest={problemsOf(failure, spec.fields.map((field) => field.name)).rest} />}
        <Form<FormValues> form={form} layout="vertical" onFinish={submit} scrollToFirstError disabled={busy}>
          {spec.fields.map((field) => (
            <Form.Item key={field.name} name={field.name} label={t(field.label)} rules={rulesOf(field, language)} extra={field.hint && t(field.hint)}>
              <FieldInput field={field} />
            </Form.Item>
          ))}
        </Form>
      </div>
    </Modal>
  );
}

function Objection({ failure, rest }: { failure: Failure; rest: string[] }) {
  const { language } = useSpeech();
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      data-testid="action-error"
      title={inWords(failure, language)}
      description={
        rest.length > 0 && (
          <ul>
            {rest.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        )
      }
    />
  );
}
