// Why an organization may see a fact of an area, or why not, in the words of the service.
import { Button, Form, Select } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { leaveWithoutChoosing } from "../../actions/FieldInput.tsx";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { pick } from "../../app/words/index.ts";
import { AreaSelect } from "../../components/AreaSelect.tsx";
import { FactSelect } from "../../components/FactSelect.tsx";
import { Mark } from "../../components/Mark.tsx";
import { Panel } from "../../components/Panel.tsx";
import { organizationOf } from "../../format/organizations.ts";
import { type ExplainRightsResponse, Verdict } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { grants } from "../../rpc/exchange.ts";

interface Asked {
  organization: string;
  fact: string;
  areaCode: string;
  audience: string;
}

export function RightsPanel() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { departments, departmentName } = useReference();
  const organizations = useOrganizations("grant.read");
  const [form] = Form.useForm<Asked>();
  const [answer, setAnswer] = useState<ExplainRightsResponse>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["organization", "fact", "areaCode", "audience"],
    call: (asked: Asked, options) => {
      const organization = organizationOf(asked.organization);
      return grants.explainRights({ ...(organization && { organization }), fact: asked.fact, areaCode: asked.areaCode, audience: asked.audience }, options);
    },
    onDone: setAnswer,
  });
  const initial = { organization: permits.organizationsOf("grant.read")[0], areaCode: permits.home(), audience: "" };
  const audiences = [{ value: "", label: t("rights.everybody") }, ...departments.map((one) => ({ value: one.departmentCode, label: departmentName(one.departmentCode) }))];
  return (
    <Panel title={t("rights.title")} className="rights" testId="rights">
      <div className="stack">
        <p className="quiet">{t("rights.note")}</p>
        {failure && <Objection failure={failure} rest={rest} />}
        <Form<Asked> form={form} layout="vertical" initialValues={initial} onFinish={submit} onValuesChange={() => setAnswer(undefined)}>
          <Form.Item name="organization" label={t("rights.organization")} rules={[{ required: true, message: t("need.organization") }]}>
            <Select options={organizations} showSearch={{ optionFilterProp: "label" }} />
          </Form.Item>
          <Form.Item name="fact" label={t("rights.fact")} rules={[{ required: true, message: t("need.fact") }]}>
            <FactSelect />
          </Form.Item>
          <Form.Item name="areaCode" label={t("rights.area")} rules={[{ required: true, message: t("need.area") }]}>
            <AreaSelect />
          </Form.Item>
          <Form.Item name="audience" label={t("rights.audience")}>
            <Select options={audiences} showSearch={{ optionFilterProp: "label" }} onKeyDown={leaveWithoutChoosing} />
          </Form.Item>
          <Button htmlType="submit" loading={busy} data-testid="explain">
            {t("rights.ask")}
          </Button>
        </Form>
        <div aria-live="polite">{answer && <Answer answer={answer} />}</div>
      </div>
    </Panel>
  );
}

function Answer({ answer }: { answer: ExplainRightsResponse }) {
  const { t, language } = useSpeech();
  const may = answer.verdict === Verdict.MAY;
  return (
    <div className="verdict" data-testid="verdict" data-verdict={may ? "may" : "may_not"}>
      <p>
        <Mark tone={may ? "good" : "warn"}>{t(may ? "rights.may" : "rights.mayNot")}</Mark>
      </p>
      <ul className="reasons">
        {answer.reasons.map((reason) => (
          <li key={reason.grantId + reason.textEn}>
            <span className="quiet">{t(reason.verdict === Verdict.MAY ? "rights.speaksFor" : "rights.speaksAgainst")}</span>{" "}
            <span>
              {pick(language, [reason.textZh, reason.textEn])} {reason.grantId && <Link to={`/grants/${reason.grantId}`}>{t("rights.toGrant")}</Link>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
