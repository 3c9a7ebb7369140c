// Giving the position of a party: a score for every option and a bottom line. What was given is gone from the screen as soon as it is sealed.
import { Button, Form, Input, Radio } from "antd";
import { useState } from "react";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { scoreOf } from "../../format/balances.ts";
import type { Balance } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { balances } from "../../rpc/deliberation.ts";

interface Position {
  party: string;
  scores: string[];
  bottomLine: string;
}

export function PositionPanel({ balance, onGiven }: { balance: Balance; onGiven: (balance: Balance) => void }) {
  const { t } = useSpeech();
  const [form] = Form.useForm<Position>();
  const [sealed, setSealed] = useState("");
  const { balanceId } = balance;
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["party", "scores", "bottomLine"],
    about: { balanceId, round: balance.round },
    call: ({ party, scores, bottomLine }: Position, options) => balances.givePosition({ balanceId, position: { party, scores: scores.map(Number), bottomLine: Number(bottomLine) } }, options),
    onDone: ({ balance: after }) => {
      const party = form.getFieldValue("party") as string;
      setSealed(balance.parties.find((one) => one.code === party)?.name ?? party);
      form.resetFields();
      if (after) onGiven(after);
    },
  });
  const score = [{ required: true, validator: (_: unknown, value: unknown) => (scoreOf(value) === undefined ? Promise.reject(new Error(t("balance.needScore"))) : Promise.resolve()) }];
  return (
    <Panel title={t("balance.give")} note={t("balance.round", { n: balance.round })} testId="give-position">
      <div className="stack">
        <p className="quiet">{t("balance.giveNote")}</p>
        {failure && <Objection failure={failure} rest={rest} />}
        <p role="status" className="sealed" data-testid="sealed">
          {sealed && !failure && t("balance.sealed", { party: sealed })}
        </p>
        <Form<Position> form={form} layout="vertical" onFinish={submit} onValuesChange={() => setSealed("")} disabled={busy} autoComplete="off">
          <Form.Item name="party" label={t("balance.who")} rules={[{ required: true, message: t("need.choice") }]}>
            <Radio.Group className="choices">
              {balance.parties.map((party) => (
                <Radio key={party.code} value={party.code}>
                  {party.name}
                  {balance.given.includes(party.code) && <span className="quiet"> · {t("balance.given")}</span>}
                </Radio>
              ))}
            </Radio.Group>
          </Form.Item>
          <fieldset className="goal-input scores-input">
            <legend>{t("balance.scores")}</legend>
            {balance.options.map((option, at) => (
              <Form.Item key={option} name={["scores", at]} label={option} rules={score} layout="horizontal" labelCol={{ flex: "1 1 0" }} wrapperCol={{ flex: "0 0 96px" }} colon={false} labelAlign="left">
                <Input type="number" inputMode="numeric" min={0} max={100} step={1} />
              </Form.Item>
            ))}
          </fieldset>
          <Form.Item name="bottomLine" label={t("balance.bottomLine")} extra={t("balance.bottomLineHint")} rules={score}>
            <Input type="number" inputMode="numeric" min={0} max={100} step={1} className="score-input" />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-position">
            {t("balance.give")}
          </Button>
        </Form>
      </div>
    </Panel>
  );
}
