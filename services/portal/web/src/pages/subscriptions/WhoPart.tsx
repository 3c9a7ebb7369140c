// First part of the form of a subscription: whose it is, what it is called, by what right facts may be seen.
import { Form, Input, Radio, Select } from "antd";
import { Link } from "react-router";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { useReference } from "../../app/reference.tsx";
import { Panel } from "../../components/Panel.tsx";
import { partsOf } from "../../format/organizations.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Grant } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";

export function WhoPart({ organization, grants }: { organization: string; grants: readonly Grant[] | undefined }) {
  const { t, language } = useSpeech();
  const form = Form.useFormInstance();
  const organizations = useOrganizations("subscription.manage");
  const nameRules = rulesOf({ kind: "text", name: "name", label: "subscribe.name", min: 1, max: 60 }, language);
  return (
    <Panel title={t("subscribe.who")} className="subscribe-part">
      <Form.Item name="organization" label={t("subscribe.organization")} rules={[{ required: true, message: t("need.organization") }]}>
        {/* A grant is one to an organization; of another one it gives nothing. */}
        <Select options={organizations} showSearch={{ optionFilterProp: "label" }} onChange={() => form.setFieldValue("grantId", "")} />
      </Form.Item>
      <Form.Item name="name" label={t("subscribe.name")} extra={t("subscribe.nameHint")} rules={nameRules}>
        <Input count={{ show: true, max: 60, strategy: lengthOf }} data-testid="subscription-name" />
      </Form.Item>
      <Form.Item name="grantId" label={t("subscribe.basis")}>
        <BasisInput organization={organization} grants={grants} />
      </Form.Item>
    </Panel>
  );
}

interface BasisInputProps {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  organization: string;
  grants: readonly Grant[] | undefined;
}

function BasisInput({ id, value = "", onChange, organization, grants }: BasisInputProps) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const isDepartment = partsOf(organization)?.kind === "department";
  return (
    <div className="stack">
      <Radio.Group id={id} value={value} onChange={(event) => onChange?.(event.target.value)} className="choices">
        <Radio value="">
          {t("subscriptions.defaultRights")} <span className="quiet">· {t(isDepartment ? "subscribe.default.department" : "subscribe.default.area")}</span>
        </Radio>
        {grants?.map((grant) => (
          <Radio key={grant.grantId} value={grant.grantId}>
            {t("subscriptions.underGrant")}{" "}
            <span className="quiet">
              · {grant.purpose} · {areaName(grant.areaCode)} · {t("grants.untilShort", { time: dayAndMinute(msOf(grant.untilAt) ?? 0, language) })}
            </span>
          </Radio>
        ))}
      </Radio.Group>
      {grants?.length === 0 && (
        <p className="quiet">
          {t("subscribe.noGrants")} · <Link to="/grants/new">{t("subscribe.askGrant")}</Link>
        </p>
      )}
    </div>
  );
}
