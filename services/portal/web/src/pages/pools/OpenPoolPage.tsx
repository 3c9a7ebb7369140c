// Opens a pool on a topic: seats, what the panel must look like, how many of a household, and where the number will come from.
import { App, Button, Form } from "antd";
import { Link, useNavigate, useParams } from "react-router";
import { FieldInput } from "../../actions/FieldInput.tsx";
import { rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { type FieldSpec, text } from "../../actions/specs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { householdRuleWord, isPossible, type CategoryValues } from "../../format/pools.ts";
import { timestampFromField } from "../../format/times.ts";
import { HouseholdRule } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { pools } from "../../rpc/deliberation.ts";
import { EMPTY_CATEGORY, QuotasInput, quotasOf } from "./QuotasInput.tsx";
import "../topics/topics.css";

interface Wanted {
  seats: string;
  categories: CategoryValues[];
  householdRule: HouseholdRule;
  drawSource: string;
  closesAt: string;
}

const FEWEST_SEATS = 2;
const MOST_SEATS = 200;
const RULES = [HouseholdRule.ONE_VOLUNTEER, HouseholdRule.ONE_MEMBER, HouseholdRule.NONE];
const SEATS: FieldSpec = { kind: "ordinal", name: "seats", label: "draw.seats", min: FEWEST_SEATS, max: MOST_SEATS };
const REST: FieldSpec[] = [
  { kind: "choice", name: "householdRule", label: "pool.households", options: RULES.map((value) => ({ value, label: householdRuleWord[value] })) },
  text("drawSource", "draw.source", 2, 200, "pool.sourceHint"),
  { kind: "time", name: "closesAt", label: "field.poolClosesAt", withinDays: 366 },
];

export default function OpenPoolPage() {
  const { id = "" } = useParams();
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wanted>();
  const seats = Number(Form.useWatch("seats", form) ?? 0);
  usePageTitle(t("pool.open"));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["seats", "householdRule", "drawSource", "closesAt"],
    about: id,
    call: (wanted: Wanted, options) => {
      const closesAt = timestampFromField(wanted.closesAt);
      return pools.openPool(
        { topicId: id, seats: Number(wanted.seats), categories: quotasOf(wanted.categories), householdRule: wanted.householdRule, drawSource: wanted.drawSource.trim(), ...(closesAt && { closesAt }) },
        options,
      );
    },
    onDone: ({ pool }) => {
      message.success(t("action.done"));
      navigate(pool ? `/pools/${pool.poolId}` : `/topics/${id}`);
    },
  });
  // What no panel can meet is told beside its category, and is not sent.
  const send = (wanted: Wanted) => (wanted.categories.every((category) => isPossible(category.features, Number(wanted.seats))) ? submit(wanted) : undefined);
  const item = (field: FieldSpec) => (
    <Form.Item key={field.name} name={field.name} label={t(field.label)} rules={rulesOf(field, language)} extra={field.hint && t(field.hint)}>
      <FieldInput field={field} />
    </Form.Item>
  );
  return (
    <div className="page page-narrow" data-testid="open-pool-page">
      <Link className="back" to={`/topics/${id}`}>
        {t("ballot.back")}
      </Link>
      <div className="page-head">
        <h1>{t("pool.open")}</h1>
        <p className="quiet">{t("pool.openNote")}</p>
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={{ categories: [EMPTY_CATEGORY] }} onFinish={send} scrollToFirstError disabled={busy}>
            {item(SEATS)}
            <h2>{t("pool.mix")}</h2>
            <p className="quiet">{t("pool.mixNote")}</p>
            <QuotasInput seats={seats} />
            {REST.map(item)}
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-pool">
              {t("pool.open")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}
