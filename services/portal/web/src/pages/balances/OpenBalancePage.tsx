// Opens a balance on a topic: who the parties are and which options they will score.
import { App, Button, Form, Input, Radio } from "antd";
import { Link, useNavigate, useParams } from "react-router";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import type { FieldSpec } from "../../actions/specs.ts";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { partyKindWord } from "../../format/balances.ts";
import { PartyKind } from "../../gen/gongzhi/deliberation/v1/balance_pb.ts";
import { balances } from "../../rpc/deliberation.ts";
import "../topics/topics.css";
import "./balances.css";

interface PartyValues {
  code: string;
  kind: PartyKind;
  name: string;
}

interface Wanted {
  parties: PartyValues[];
  options: string[];
}

const PARTIES = { least: 2, most: 12 };
const OPTIONS = { least: 2, most: 20 };
const NAME: FieldSpec = { kind: "text", name: "name", label: "balance.name", min: 1, max: 30 };
const OPTION: FieldSpec = { kind: "text", name: "option", label: "balance.option", min: 2, max: 100 };
const KINDS = [PartyKind.STATE, PartyKind.SOCIAL] as const;
const CODE = /^[a-z0-9-]{2,20}$/;
const FIRST: Wanted = { parties: [{ code: "state-1", kind: PartyKind.STATE, name: "" }, { code: "social-1", kind: PartyKind.SOCIAL, name: "" }], options: ["", ""] };

export default function OpenBalancePage() {
  const { id: topicId = "" } = useParams();
  const { t } = useSpeech();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [form] = Form.useForm<Wanted>();
  usePageTitle(t("balance.openTitle"));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: [],
    about: topicId,
    call: ({ parties, options }: Wanted, call) =>
      balances.openBalance({ topicId, parties: parties.map((party) => ({ ...party, code: party.code.trim(), name: party.name.trim() })), options: options.map((option) => option.trim()) }, call),
    onDone: ({ balance }) => {
      message.success(t("action.done"));
      navigate(balance ? `/balances/${balance.balanceId}` : `/topics/${topicId}`, { replace: true });
    },
  });
  return (
    <div className="page page-narrow" data-testid="open-balance-page">
      <Link className="back" to={`/topics/${topicId}`}>
        {t("balance.back")}
      </Link>
      <div className="page-head">
        <h1>{t("balance.openTitle")}</h1>
        <p className="quiet">{t("balance.openNote")}</p>
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={FIRST} onFinish={submit} scrollToFirstError disabled={busy}>
            <PartiesInput />
            <OptionsInput />
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-balance">
              {t("balance.openGo")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}

function PartiesInput() {
  const { t, language } = useSpeech();
  const form = Form.useFormInstance<Wanted>();
  const codeRule = (at: number) => ({
    required: true,
    validator: (_: unknown, value: unknown) => {
      const others = (form.getFieldValue("parties") as PartyValues[]).filter((_party, index) => index !== at).map((party) => party?.code);
      return typeof value === "string" && CODE.test(value.trim()) && !others.includes(value.trim()) ? Promise.resolve() : Promise.reject(new Error(t("balance.needCode")));
    },
  });
  return (
    <Form.List name="parties">
      {(rows, { add, remove }) => (
        <div className="stack goals-input">
          <h2>{t("balance.parties")}</h2>
          {rows.map((row, index) => (
            <fieldset key={row.key} className="goal-input">
              <legend>{t("balance.partyN", { n: index + 1 })}</legend>
              <Form.Item name={[row.name, "kind"]} label={t("balance.kind")}>
                <Radio.Group optionType="button" options={KINDS.map((value) => ({ value, label: t(partyKindWord[value]) }))} />
              </Form.Item>
              <div className="two">
                <Form.Item name={[row.name, "name"]} label={t("balance.name")} rules={rulesOf(NAME, language)}>
                  <Input count={{ show: true, max: 30, strategy: lengthOf }} />
                </Form.Item>
                <Form.Item name={[row.name, "code"]} label={t("balance.code")} extra={t("balance.codeHint")} rules={[codeRule(row.name)]}>
                  <Input className="code" autoComplete="off" spellCheck={false} />
                </Form.Item>
              </div>
              {rows.length > PARTIES.least && (
                <Button size="small" danger onClick={() => remove(row.name)}>
                  {t("balance.removeParty", { n: index + 1 })}
                </Button>
              )}
            </fieldset>
          ))}
          {rows.length < PARTIES.most && (
            <Button onClick={() => add({ code: freeCode(form.getFieldValue("parties") as PartyValues[]), kind: PartyKind.SOCIAL, name: "" })} data-testid="add-party">
              {t("balance.addParty")}
            </Button>
          )}
        </div>
      )}
    </Form.List>
  );
}

/** A code that no party has yet. */
function freeCode(parties: readonly PartyValues[]): string {
  const taken = new Set(parties.map((party) => party?.code));
  return Array.from({ length: PARTIES.most + 1 }, (_, at) => `social-${at + 1}`).find((code) => !taken.has(code)) ?? "";
}

function OptionsInput() {
  const { t, language } = useSpeech();
  const form = Form.useFormInstance<Wanted>();
  const once = (at: number) => ({
    validator: (_: unknown, value: unknown) => {
      const same = (form.getFieldValue("options") as string[]).filter((option, index) => index !== at && option?.trim() === String(value ?? "").trim());
      return same.length === 0 || !value ? Promise.resolve() : Promise.reject(new Error(t("balance.twice")));
    },
  });
  return (
    <Form.List name="options">
      {(rows, { add, remove }) => (
        <div className="stack goals-input">
          <h2>{t("balance.options")}</h2>
          {rows.map((row, index) => (
            <div key={row.key} className="option-input">
              <Form.Item name={row.name} label={t("balance.optionN", { n: index + 1 })} rules={[...rulesOf(OPTION, language), once(row.name)]}>
                <Input count={{ show: true, max: 100, strategy: lengthOf }} />
              </Form.Item>
              {rows.length > OPTIONS.least && (
                <Button size="small" danger onClick={() => remove(row.name)}>
                  {t("balance.removeOption", { n: index + 1 })}
                </Button>
              )}
            </div>
          ))}
          {rows.length < OPTIONS.most && (
            <Button onClick={() => add("")} data-testid="add-option">
              {t("balance.addOption")}
            </Button>
          )}
        </div>
      )}
    </Form.List>
  );
}
