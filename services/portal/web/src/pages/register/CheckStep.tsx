// Second step: category, title, similar cases, how to reach the reporter. Ends by registering.
import { Alert, Button, Form, Input, Radio, Select } from "antd";
import { useRef, useState } from "react";
import { lengthOf, problemsOf } from "../../actions/fields.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { Panel } from "../../components/Panel.tsx";
import { type Category, type ProposeFilingResponse, type RegisterCaseResponse, Urgency } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { inWords } from "../../rpc/reasons.ts";
import { type Draft, placeOf, titleOf } from "./draft.ts";
import { SimilarCases } from "./SimilarCases.tsx";

interface Filing {
  categoryCode: string;
  title: string;
  urgency: Urgency;
  contact: string;
}

interface CheckStepProps {
  draft: Draft;
  proposal: ProposeFilingResponse;
  onBack: () => void;
  onDone: (answer: RegisterCaseResponse) => void;
}

const FIELDS = ["categoryCode", "title", "urgency", "contact"] as const;

export function CheckStep({ draft, proposal, onBack, onDone }: CheckStepProps) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<Filing>();
  const [distinct, setDistinct] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const intents = useRef(new IntentKeys());

  const register = async (filing: Filing) => {
    setBusy(true);
    setFailure(undefined);
    const request = {
      categoryCode: filing.categoryCode,
      urgency: filing.urgency,
      title: filing.title.trim(),
      description: draft.description.trim(),
      place: placeOf(draft),
      contact: (filing.contact ?? "").trim(),
      distinctFrom: [...distinct],
    };
    try {
      const answer = await cases.registerCase(request, idempotent(intents.current.keyFor(request)));
      onDone(answer);
    } catch (thrown) {
      const found = failureOf(thrown);
      form.setFields(problemsOf(found, FIELDS, language).fields.map(({ name, errors }) => ({ name: name as keyof Filing, errors })));
      setFailure(found);
      setBusy(false);
    }
  };
  const textRule = (min: number, max: number) => ({
    validator: (_: unknown, value: unknown) => (lengthOf(value) >= min && lengthOf(value) <= max ? Promise.resolve() : Promise.reject(new Error(t("need.text", { min, max })))),
  });
  const first = proposal.categories[0]?.categoryCode;
  return (
    <Form<Filing>
      form={form}
      layout="vertical"
      requiredMark={false}
      initialValues={{ ...(first && { categoryCode: first }), title: titleOf(draft.description), urgency: Urgency.NORMAL, contact: "" }}
      onFinish={register}
      disabled={busy}
    >
      <div className="stack">
        <div className="panel">
          <div className="panel-body stack">
            <p className="prewrap">{draft.description}</p>
            <Button onClick={onBack}>{t("register.edit")}</Button>
          </div>
        </div>
        {proposal.similarCases.length > 0 && (
          <Panel title={t("register.similar")}>
            <SimilarCases found={proposal.similarCases} distinct={distinct} onDistinct={setDistinct} />
          </Panel>
        )}
        <Panel title={t("register.step.check")}>
          <Form.Item name="categoryCode" label={t("register.category")} rules={[{ required: true, message: t("need.choice") }]}>
            <CategoryChoice proposed={proposal.categories} />
          </Form.Item>
          <Form.Item name="title" label={t("register.lineTitle")} rules={[textRule(2, 80)]}>
            <Input data-testid="register-title" />
          </Form.Item>
          <Form.Item name="urgency" label={t("register.urgency")} extra={t("register.urgentNote")}>
            <Radio.Group
              optionType="button"
              options={[
                { value: Urgency.NORMAL, label: t("case.normal") },
                { value: Urgency.URGENT, label: t("case.urgent") },
              ]}
            />
          </Form.Item>
          <Form.Item name="contact" label={`${t("register.contact")} (${t("state.optional")})`} extra={t("register.contactNote")} rules={[textRule(0, 200)]}>
            <Input autoComplete="off" />
          </Form.Item>
        </Panel>
        {failure && (
          <Alert
            type="error"
            showIcon
            role="alert"
            title={inWords(failure, language)}
            description={problemsOf(failure, FIELDS, language).rest.map((line) => (
              <div key={line}>{line}</div>
            ))}
          />
        )}
        <Button type="primary" htmlType="submit" block loading={busy} data-testid="register-submit">
          {t("register.submit")}
        </Button>
      </div>
    </Form>
  );
}

interface CategoryChoiceProps {
  proposed: readonly Category[];
  id?: string;
  value?: string;
  onChange?: (code: string) => void;
}

function CategoryChoice({ proposed, id, value, onChange }: CategoryChoiceProps) {
  const { t } = useSpeech();
  const { categories, categoryName } = useReference();
  const codes = proposed.map((one) => one.categoryCode);
  return (
    <div className="category-choices">
      {codes.length === 0 && <span className="quiet">{t("register.noProposal")}</span>}
      {codes.length > 0 && (
        <Radio.Group className="choices" value={value} onChange={(event) => onChange?.(event.target.value)}>
          {codes.map((code) => (
            <Radio key={code} value={code}>
              {categoryName(code)} <span className="quiet">{t("register.proposed")}</span>
            </Radio>
          ))}
        </Radio.Group>
      )}
      <Select
        id={id}
        value={value}
        onChange={onChange}
        showSearch={{ optionFilterProp: "label" }}
        options={categories.map((one) => ({ value: one.categoryCode, label: categoryName(one.categoryCode) }))}
      />
    </div>
  );
}
