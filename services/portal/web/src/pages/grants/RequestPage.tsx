// Asks for a grant: who, which facts, where, what for, until when.
import { App, Button, Form, Input, Select } from "antd";
import { Link, useNavigate, useSearchParams } from "react-router";
import { LONGEST_GRANT_DAYS } from "../../actions/exchangeSpecs.ts";
import { DayInput } from "../../actions/FieldInput.tsx";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { usePerson } from "../../app/session.tsx";
import { AreaSelect } from "../../components/AreaSelect.tsx";
import { Notice } from "../../components/Notice.tsx";
import { organizationOf } from "../../format/organizations.ts";
import { endOfDay, fieldFromMs } from "../../format/times.ts";
import { grants } from "../../rpc/exchange.ts";
import { type ChosenFact, GrantedFactsInput } from "./GrantedFactsInput.tsx";
import "./grants.css";

interface Wanted {
  grantee: string;
  facts: ChosenFact[];
  areaCode: string;
  purpose: string;
  untilAt: string;
}

const MOST_FACTS = 50;
const USUAL_DAYS = 90;

export default function RequestPage() {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const organizations = useOrganizations("grant.request");
  const [form] = Form.useForm<Wanted>();
  usePageTitle(t("grants.new.title"));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["grantee", "facts", "areaCode", "purpose", "untilAt"],
    call: (wanted: Wanted, options) => {
      const grantee = organizationOf(wanted.grantee);
      const untilAt = endOfDay(wanted.untilAt);
      return grants.requestGrant({ ...(grantee && { grantee }), facts: wanted.facts, areaCode: wanted.areaCode, purpose: wanted.purpose.trim(), ...(untilAt && { untilAt }) }, options);
    },
    onDone: ({ grant }) => {
      message.success(t("grants.new.done"));
      navigate(grant ? `/grants/${grant.grantId}` : "/grants");
    },
  });
  if (!permits.holds("grant.request")) return <Notice title={t("grants.new.noPost")} action={{ label: t("grants.back"), to: "/grants" }} />;

  const fact = query.get("fact");
  const initial: Partial<Wanted> = {
    facts: fact ? [{ fact, fields: [] }] : [],
    areaCode: permits.home(),
    untilAt: fieldFromMs(Date.now() + USUAL_DAYS * 86_400_000).slice(0, 10),
  };
  const grantee = permits.organizationsOf("grant.request")[0];
  if (grantee) initial.grantee = grantee;
  const factsRule = {
    required: true,
    validator: (_: unknown, value: ChosenFact[] | undefined) =>
      value && value.length >= 1 && value.length <= MOST_FACTS ? Promise.resolve() : Promise.reject(new Error(t("need.facts", { max: MOST_FACTS }))),
  };
  return (
    <div className="page page-narrow" data-testid="request-grant-page">
      <Link className="back" to="/grants">
        {t("grants.back")}
      </Link>
      <div className="page-head">
        <h1>{t("grants.new.title")}</h1>
        <p className="quiet">{t("grants.new.note")}</p>
      </div>
      <div className="panel">
        <div className="panel-body">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={initial} onFinish={submit} scrollToFirstError disabled={busy}>
            <Form.Item name="grantee" label={t("grants.new.grantee")} rules={[{ required: true, message: t("need.organization") }]}>
              <Select options={organizations} showSearch={{ optionFilterProp: "label" }} />
            </Form.Item>
            <Form.Item name="facts" label={t("grants.new.facts")} extra={t("grants.new.factsHint")} rules={[factsRule]}>
              <GrantedFactsInput />
            </Form.Item>
            <Form.Item name="areaCode" label={t("grants.new.area")} extra={t("grants.new.areaHint")} rules={[{ required: true, message: t("need.area") }]}>
              <AreaSelect />
            </Form.Item>
            <Form.Item name="purpose" label={t("grants.new.purpose")} extra={t("grants.new.purposeHint")} rules={rulesOf({ kind: "text", name: "purpose", label: "grants.purpose", min: 5, max: 500 }, language)}>
              <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} count={{ show: true, max: 500, strategy: lengthOf }} />
            </Form.Item>
            <Form.Item name="untilAt" label={t("grants.new.until")} extra={t("grants.new.untilHint")} rules={rulesOf({ kind: "day", name: "untilAt", label: "grants.until", withinDays: LONGEST_GRANT_DAYS }, language)}>
              <DayInput withinDays={LONGEST_GRANT_DAYS} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-request">
              {t("grants.new.submit")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}
