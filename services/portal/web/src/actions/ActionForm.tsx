// The form of one action: asks for what the rpc needs, sends it once per intent, shows every objection at its field.
import { App, Form, Modal } from "antd";
import { useSpeech } from "../app/language.tsx";
import { FieldInput } from "./FieldInput.tsx";
import { rulesOf } from "./fields.ts";
import { Objection } from "./Objection.tsx";
import { type ActionSpec, type FormValues, isAsked } from "./specs.ts";
import { useSubmission } from "./useSubmission.ts";

interface ActionFormProps<Target> {
  rpc: string;
  spec: ActionSpec<Target>;
  target: Target;
  title: string;
  onClose: () => void;
  onDone: () => void;
}

export function ActionForm<Target>({ rpc, spec, target, title, onClose, onDone }: ActionFormProps<Target>) {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const [form] = Form.useForm<FormValues>();
  const values = Form.useWatch([], form) as FormValues | undefined;
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: spec.fields.map((field) => field.name),
    about: { rpc, target },
    call: (given: FormValues, options) => spec.call(target, given, options),
    onDone: () => {
      message.success(t("action.done"));
      onDone();
      onClose();
    },
  });
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
        {spec.note && <p className="quiet">{t(spec.note, spec.noteValues)}</p>}
        {failure && <Objection failure={failure} rest={rest} />}
        <Form<FormValues> form={form} layout="vertical" {...(spec.initial && { initialValues: spec.initial })} onFinish={submit} scrollToFirstError disabled={busy}>
          {spec.fields
            .filter((field) => isAsked(field, values))
            .map((field) => (
              <Form.Item key={field.name} name={field.name} label={t(field.label)} rules={rulesOf(field, language)} extra={field.hint && t(field.hint)}>
                <FieldInput field={field} />
              </Form.Item>
            ))}
        </Form>
      </div>
    </Modal>
  );
}
