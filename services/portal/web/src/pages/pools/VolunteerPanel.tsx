// Takes a volunteer in: consent, one feature of every category, the household where the pool asks for it; and tells the number, which is all that stays with the person.
import { Button, Checkbox, Form, Input, Radio } from "antd";
import { useState } from "react";
import { lengthOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { usePerson } from "../../app/session.tsx";
import { Panel } from "../../components/Panel.tsx";
import { msOf } from "../../format/times.ts";
import { HouseholdRule, type Pool, PoolStatus } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { pools } from "../../rpc/deliberation.ts";

interface Volunteer {
  household?: string;
  /** A feature of each category, in their order. */
  features: string[];
  consent: boolean;
}

const MOST_HOUSEHOLD = 40;

export function VolunteerPanel({ pool, onDone }: { pool: Pool; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const now = useNow();
  const [number, setNumber] = useState<number>();
  const takes = pool.status === PoolStatus.OPEN && now < (msOf(pool.closesAt) ?? 0);
  if (!takes || !permits.allows("pool.enrol", pool.areaCode)) return null;
  return (
    <Panel title={t("pool.volunteer")} note={t("pool.volunteerNote")} testId="volunteer">
      {number === undefined ? (
        <VolunteerForm
          pool={pool}
          onGiven={(given) => {
            setNumber(given);
            onDone();
          }}
        />
      ) : (
        <div className="stack" role="status" data-testid="volunteer-number">
          <p>{t("pool.numberIs")}</p>
          <p className="given-number">{number}</p>
          <p>{t("pool.numberNote")}</p>
          <Button type="primary" onClick={() => setNumber(undefined)} autoFocus data-testid="next-volunteer">
            {t("pool.nextVolunteer")}
          </Button>
        </div>
      )}
    </Panel>
  );
}

function VolunteerForm({ pool, onGiven }: { pool: Pool; onGiven: (number: number) => void }) {
  const { t } = useSpeech();
  const [form] = Form.useForm<Volunteer>();
  const asksHousehold = pool.householdRule !== HouseholdRule.NONE;
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["household", "consent"],
    about: pool.poolId,
    call: ({ household, features, consent }: Volunteer, options) =>
      pools.volunteer({ poolId: pool.poolId, household: household?.trim() ?? "", features: pool.categories.map((category, index) => ({ category: category.name, feature: features[index] ?? "" })), consent }, options),
    onDone: (answer) => {
      form.resetFields();
      onGiven(answer.number);
    },
  });
  const need = (fits: (value: unknown) => boolean, message: string) => [{ required: true, validator: (_: unknown, value: unknown) => (fits(value) ? Promise.resolve() : Promise.reject(new Error(message))) }];
  return (
    <Form<Volunteer> form={form} layout="vertical" onFinish={submit} scrollToFirstError disabled={busy}>
      {failure && <Objection failure={failure} rest={rest} />}
      {pool.categories.map((category, index) => (
        <Form.Item key={category.name} name={["features", index]} label={category.name} rules={need(Boolean, t("need.choice"))}>
          <Radio.Group optionType="button" options={category.features.map(({ feature }) => ({ value: feature, label: feature }))} data-testid={`feature-${index}`} />
        </Form.Item>
      ))}
      {asksHousehold && (
        <Form.Item name="household" label={t("field.household")} extra={t("pool.householdHint")} rules={need((value) => lengthOf(value) >= 1 && lengthOf(value) <= MOST_HOUSEHOLD, t("need.text", { min: 1, max: MOST_HOUSEHOLD }))}>
          <Input autoComplete="off" />
        </Form.Item>
      )}
      <Form.Item name="consent" valuePropName="checked" rules={need((value) => value === true, t("pool.needConsent"))}>
        <Checkbox>{t("pool.consent")}</Checkbox>
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-volunteer">
        {t("pool.giveNumber")}
      </Button>
    </Form>
  );
}
