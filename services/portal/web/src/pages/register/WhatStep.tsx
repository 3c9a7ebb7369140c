// First step: what the resident said and where it is. Ends by asking for a category and for similar cases.
import { AimOutlined } from "@ant-design/icons";
import { Button, Form, Input, Select } from "antd";
import { useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { listDivisions, useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { lengthOf } from "../../actions/fields.ts";
import { FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import type { ProposeFilingResponse } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { DivisionLevel } from "../../gen/gongzhi/organization/v1/organization_pb.ts";
import { cases } from "../../rpc/clients.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { type Draft, type Position, placeOf } from "./draft.ts";
import { locate } from "./locate.ts";

interface WhatStepProps {
  draft: Draft;
  onNext: (draft: Draft, proposal: ProposeFilingResponse) => void;
}

export function WhatStep({ draft, onNext }: WhatStepProps) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { divisions } = useReference();
  const [form] = Form.useForm<Omit<Draft, "position">>();
  const [position, setPosition] = useState(draft.position);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  const communities = [...divisions.values()].filter((one) => one.level === DivisionLevel.COMMUNITY && permits.allows("case.register", one.areaCode));
  const only = communities.length === 1 ? communities[0]?.areaCode : undefined;
  const community = Form.useWatch("community", form) || draft.community || only;
  const estate = Form.useWatch("estate", form) ?? draft.estate;
  const below = useQuery(community && `below:${community}`, (signal) => listDivisions(community ?? "", DivisionLevel.BUILDING, signal));
  const estates = (below.data ?? []).filter((one) => one.level === DivisionLevel.ESTATE);
  const buildings = (below.data ?? []).filter((one) => one.level === DivisionLevel.BUILDING && estate !== "" && one.areaCode.startsWith(estate));
  const optionsOf = (list: { areaCode: string; name: string }[]) => list.map((one) => ({ value: one.areaCode, label: one.name }));

  const next = async (values: Omit<Draft, "position">) => {
    const written: Draft = { ...draft, ...values, community: values.community || only || "", position };
    setBusy(true);
    setFailure(undefined);
    try {
      onNext(written, await cases.proposeFiling({ description: written.description, place: placeOf(written) }));
    } catch (thrown) {
      setFailure(failureOf(thrown));
      setBusy(false);
    }
  };
  const textRule = (min: number, max: number) => ({
    validator: (_: unknown, value: unknown) => (lengthOf(value) >= min && lengthOf(value) <= max ? Promise.resolve() : Promise.reject(new Error(t("need.text", { min, max })))),
  });
  return (
    <Form form={form} layout="vertical" requiredMark={false} initialValues={draft} onFinish={next} disabled={busy}>
      <div className="stack">
        <Panel title={t("register.step.what")}>
          <Form.Item name="description" label={t("register.description")} rules={[textRule(2, 2000)]}>
            <Input.TextArea autoSize={{ minRows: 4, maxRows: 12 }} placeholder={t("register.descriptionHint")} data-testid="register-description" />
          </Form.Item>
        </Panel>
        <Panel title={t("register.step.where")} aside={<LocateButton position={position} onPosition={setPosition} />}>
          {!only && (
            <Form.Item name="community" label={t("register.community")} rules={[{ required: true, message: t("need.choice") }]}>
              <Select options={optionsOf(communities)} showSearch={{ optionFilterProp: "label" }} onChange={() => form.setFieldsValue({ estate: "", building: "" })} data-testid="register-community" />
            </Form.Item>
          )}
          <div className="two">
            <Form.Item name="estate" label={t("register.estate")}>
              <Select
                loading={below.loading}
                options={[{ value: "", label: t("register.wholeCommunity") }, ...optionsOf(estates)]}
                showSearch={{ optionFilterProp: "label" }}
                onChange={() => form.setFieldsValue({ building: "" })}
              />
            </Form.Item>
            <Form.Item name="building" label={t("register.building")}>
              <Select disabled={!estate} options={[{ value: "", label: t("register.wholeEstate") }, ...optionsOf(buildings)]} showSearch={{ optionFilterProp: "label" }} />
            </Form.Item>
          </div>
          <Form.Item name="spot" label={t("register.spot")} rules={[textRule(0, 120)]}>
            <Input placeholder={t("register.spotHint")} />
          </Form.Item>
        </Panel>
        {failure && <FailureLine failure={failure} />}
        <Button type="primary" htmlType="submit" block loading={busy} data-testid="register-next">
          {t("register.next")}
        </Button>
      </div>
    </Form>
  );
}

function LocateButton({ position, onPosition }: { position: Position | undefined; onPosition: (position: Position) => void }) {
  const { t } = useSpeech();
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const find = async () => {
    setState("busy");
    try {
      onPosition(await locate());
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  const told = position ? (position.gridId ? t("register.located", { grid: position.gridName }) : t("register.locatedNoGrid")) : state === "failed" ? t("register.locateFailed") : "";
  return (
    <span className="row">
      <span className="quiet" role="status">
        {told}
      </span>
      <Button size="small" icon={<AimOutlined />} loading={state === "busy"} onClick={find}>
        {t("register.locate")}
      </Button>
    </span>
  );
}
