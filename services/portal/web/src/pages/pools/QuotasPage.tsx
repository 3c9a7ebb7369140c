// Changes quotas that cannot be met: the smallest change is filled in, and a person decides and says why.
import { App, Button, Form } from "antd";
import { Link, useNavigate, useParams } from "react-router";
import { FieldInput } from "../../actions/FieldInput.tsx";
import { rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { text } from "../../actions/specs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { type CategoryValues, changeInWords, isPossible, relaxed } from "../../format/pools.ts";
import { type Pool, PoolStatus } from "../../gen/gongzhi/deliberation/v1/pool_pb.ts";
import { pools } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { QuotasInput, quotasOf } from "./QuotasInput.tsx";
import "../topics/topics.css";

interface Wanted {
  categories: CategoryValues[];
  reason: string;
}

const REASON = text("reason", "field.publicReason", 10, 500);

export default function QuotasPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  usePageTitle(t("action.ChangeQuotas"));
  const query = useQuery(`pool:${id}`, async (signal) => (await pools.getPool({ poolId: id }, { signal })).pool);
  const back = `/pools/${id}`;
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("pool.convene", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: back }} />;
  if (query.data.status !== PoolStatus.INFEASIBLE) return <Notice title={t("pool.quotasStay")} action={{ label: t("state.back"), to: back }} />;
  return <QuotasForm pool={query.data} />;
}

function QuotasForm({ pool }: { pool: Pool }) {
  const { t, language } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wanted>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["reason"],
    about: pool.poolId,
    call: (wanted: Wanted, options) => pools.changeQuotas({ poolId: pool.poolId, categories: quotasOf(wanted.categories), reason: wanted.reason.trim() }, options),
    onDone: () => {
      message.success(t("action.done"));
      navigate(`/pools/${pool.poolId}`);
    },
  });
  const send = (wanted: Wanted) => (wanted.categories.every((category) => isPossible(category.features, pool.seats)) ? submit(wanted) : undefined);
  return (
    <div className="page page-narrow" data-testid="quotas-page">
      <Link className="back" to={`/pools/${pool.poolId}`}>
        {t("draw.title")}
      </Link>
      <div className="page-head">
        <h1>{t("action.ChangeQuotas")}</h1>
        <p className="quiet">{t("action.ChangeQuotas.note")}</p>
        <ul>
          {pool.smallestChanges.map((change) => (
            <li key={`${change.category}/${change.feature}/${change.lowers}`}>{changeInWords(change, language)}</li>
          ))}
        </ul>
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={{ categories: relaxed(pool.categories, pool.smallestChanges) }} onFinish={send} scrollToFirstError disabled={busy}>
            <QuotasInput seats={pool.seats} namesStay />
            <Form.Item name="reason" label={t(REASON.label)} rules={rulesOf(REASON, language)}>
              <FieldInput field={REASON} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-quotas">
              {t("action.ChangeQuotas")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}
