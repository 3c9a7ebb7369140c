// The agreement of all parties: recording it after a reveal, and what it says afterwards, with the way to a resolution.
import { Button, Checkbox, Form, Input } from "antd";
import { Link } from "react-router";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import type { FieldSpec } from "../../actions/specs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Balance } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { BallotOutcome } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { balances, ballots } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import "../../actions/actions.css";

interface Agreement {
  commonGoals: string;
  parties: string[];
}

const GOALS: FieldSpec = { kind: "text", name: "commonGoals", label: "balance.commonGoals", min: 5, max: 2000 };

export function AgreePanel({ balance, onAgreed }: { balance: Balance; onAgreed: (balance: Balance) => void }) {
  const { t, language } = useSpeech();
  const [form] = Form.useForm<Agreement>();
  const { balanceId } = balance;
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["commonGoals", "parties"],
    about: balanceId,
    call: ({ commonGoals, parties }: Agreement, options) => balances.agreeBalance({ balanceId, commonGoals: commonGoals.trim(), parties }, options),
    onDone: ({ balance: after }) => after && onAgreed(after),
  });
  const all = (value: unknown) => (Array.isArray(value) && value.length === balance.parties.length ? Promise.resolve() : Promise.reject(new Error(t("balance.needAll"))));
  return (
    <Panel title={t("balance.agree")} testId="agree">
      <div className="stack">
        <p className="quiet">{t("balance.agreeNote")}</p>
        {failure && <Objection failure={failure} rest={rest} />}
        <Form<Agreement> form={form} layout="vertical" onFinish={submit} scrollToFirstError disabled={busy}>
          <Form.Item name="commonGoals" label={t("balance.commonGoals")} rules={rulesOf(GOALS, language)}>
            <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} count={{ show: true, max: 2000, strategy: lengthOf }} />
          </Form.Item>
          <Form.Item name="parties" label={t("balance.agreeing")} rules={[{ required: true, validator: (_, value) => all(value) }]}>
            <Checkbox.Group className="choices" options={balance.parties.map((party) => ({ value: party.code, label: party.name }))} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-agree">
            {t("balance.agreeSubmit")}
          </Button>
        </Form>
      </div>
    </Panel>
  );
}

export function AgreedPanel({ balance }: { balance: Balance }) {
  const { t, language } = useSpeech();
  return (
    <Panel title={t("balance.commonGoals")} note={t("balance.agreedAt", { time: dayAndMinute(msOf(balance.agreedAt) ?? 0, language) })} testId="agreed">
      <div className="stack">
        <p className="topic-question prewrap">{balance.commonGoals}</p>
        <Adopt balance={balance} />
      </div>
    </Panel>
  );
}

/** The common goals are no basis by themselves: a resolution rests on what was decided, so the way there names an adopted ballot too. */
function Adopt({ balance }: { balance: Balance }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { topicId, balanceId } = balance;
  const adopts = permits.allows("resolution.adopt", balance.areaCode);
  const query = useQuery(adopts ? `ballots-of:${topicId}` : undefined, async (signal) => (await ballots.listBallots({ topicId, pageSize: 50 }, { signal })).ballots);
  if (!adopts || !query.data) return null;
  const adopted = query.data.find((ballot) => ballot.outcome === BallotOutcome.ADOPTED);
  if (!adopted) return <p className="quiet">{t("balance.adoptNot")}</p>;
  return (
    <p className="row">
      <Link className="button button-primary" to={`/topics/${topicId}/adopt?ballot=${adopted.ballotId}&balance=${balanceId}`} data-testid="adopt-balance">
        {t("balance.adopt")}
      </Link>
      <span className="quiet">{t("balance.adoptNote")}</span>
    </p>
  );
}
