// The condition of a subscription, with help on its small language and the fields that it may name.
import { Form, Input } from "antd";
import { lengthOf } from "../../actions/fields.ts";
import { useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { choicesOf, shortType } from "../../format/facts.ts";
import type { GetFactResponse, Grant } from "../../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { useFacts } from "../../rpc/useCatalogue.ts";

const MOST_CHARACTERS = 500;
const EXAMPLE = 'level in ("WHISTLE_LEVEL_RED") and category_code starts_with "fire."';

export function ConditionItem({ grant }: { grant: Grant | undefined }) {
  const { t } = useSpeech();
  const form = Form.useFormInstance();
  const chosen = (Form.useWatch("facts", form) as string[] | undefined) ?? [];
  const facts = useFacts([...chosen].sort());
  const fields = fieldsOf(facts.data ?? [], grant);
  const insert = (name: string) => {
    const before = String(form.getFieldValue("condition") ?? "").trimEnd();
    form.setFieldValue("condition", before === "" ? `${name} ` : `${before} ${name} `);
    form.focusField("condition");
  };
  const rule = {
    validator: (_: unknown, value: unknown) =>
      lengthOf(value) <= MOST_CHARACTERS ? Promise.resolve() : Promise.reject(new Error(t("need.text", { min: 0, max: MOST_CHARACTERS }))),
  };
  return (
    <>
      <Form.Item name="condition" label={t("subscribe.condition")} rules={[rule]}>
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} spellCheck={false} className="code" count={{ show: true, max: MOST_CHARACTERS, strategy: lengthOf }} />
      </Form.Item>
      <div className="condition-help">
        <details>
          <summary>{t("subscribe.conditionHelp")}</summary>
          <ul>
            <li>{t("subscribe.conditionCompare")}</li>
            <li>{t("subscribe.conditionJoin")}</li>
            <li>{t("subscribe.conditionMissing")}</li>
            <li>
              {t("subscribe.conditionExample")} <span className="code">{EXAMPLE}</span>
            </li>
          </ul>
        </details>
        <p className="quiet">{t(chosen.length === 0 ? "subscribe.conditionFieldsFirst" : "subscribe.conditionFields")}</p>
        {facts.failure && <FailureLine failure={facts.failure} onRetry={facts.reload} />}
        <div className="condition-fields" data-testid="condition-fields">
          {fields.map((field) => (
            <button key={field.name} type="button" className="condition-field" title={field.title} onClick={() => insert(field.name)}>
              <span className="code">{field.name}</span> <span className="quiet">{field.type}</span>
            </button>
          ))}
        </div>
        {fields.some((field) => field.choices.length > 0) && (
          <ul>
            {fields
              .filter((field) => field.choices.length > 0)
              .map((field) => (
                <li key={field.name} className="code choices-of">
                  {field.name}: {field.choices.map((choice) => `"${choice}"`).join(" ")}
                </li>
              ))}
          </ul>
        )}
      </div>
    </>
  );
}

interface Named {
  name: string;
  type: string;
  title: string;
  choices: string[];
}

/** What a condition may name for these facts: fields that can be compared and, under a grant, that it covers. */
function fieldsOf(facts: readonly GetFactResponse[], grant: Grant | undefined): Named[] {
  const found = new Map<string, Named>();
  for (const one of facts) {
    const covered = grant?.facts.find((granted) => granted.fact === one.fact?.fact)?.fields ?? [];
    const choices = choicesOf(one.dataSchema);
    for (const field of one.fields) {
      if (!field.filterable || found.has(field.name) || (covered.length > 0 && !covered.includes(field.name))) continue;
      found.set(field.name, { name: field.name, type: shortType(field.type), title: field.description, choices: choices.get(field.jsonName) ?? [] });
    }
  }
  return [...found.values()];
}
