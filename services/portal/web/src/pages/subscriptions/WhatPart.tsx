// Second part of the form of a subscription: which facts, of which areas, for whom, on what condition.
import { Form, Select } from "antd";
import { leaveWithoutChoosing } from "../../actions/FieldInput.tsx";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { AreaSelect } from "../../components/AreaSelect.tsx";
import { FactSelect } from "../../components/FactSelect.tsx";
import { Panel } from "../../components/Panel.tsx";
import type { Grant } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { ConditionItem } from "./ConditionItem.tsx";

export function WhatPart({ grant }: { grant: Grant | undefined }) {
  const { t } = useSpeech();
  const { departments, departmentName } = useReference();
  const audiences = [{ value: "all", label: t("subscriptions.audienceAll") }, ...departments.map((one) => ({ value: one.departmentCode, label: departmentName(one.departmentCode) }))];
  return (
    <Panel title={t("subscribe.what")} className="subscribe-part">
      <Form.Item name="facts" label={t("subscribe.facts")}>
        <FactSelect mode="multiple" only={grant?.facts.map((one) => one.fact)} placeholder={t("subscriptions.allFacts")} />
      </Form.Item>
      <Form.Item name="areaCodes" label={t("subscribe.areas")}>
        <AreaSelect mode="multiple" placeholder={t("subscriptions.widest")} />
      </Form.Item>
      <Form.Item name="audiences" label={t("subscribe.audiences")}>
        <Select mode="multiple" options={audiences} showSearch={{ optionFilterProp: "label" }} placeholder={t("subscriptions.everyAudience")} onKeyDown={leaveWithoutChoosing} />
      </Form.Item>
      <ConditionItem grant={grant} />
    </Panel>
  );
}
