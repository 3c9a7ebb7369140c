// The goals of a resolution that is being adopted, 1 to 20 of them.
import { Button, Form, Input } from "antd";
import { FieldInput } from "../../actions/FieldInput.tsx";
import { rulesOf } from "../../actions/fields.ts";
import type { FieldSpec } from "../../actions/specs.ts";
import { useSpeech } from "../../app/language.tsx";
import { hundredthsOf } from "../../format/deliberation.ts";
import { fieldFromMs } from "../../format/times.ts";
import { GoalKind } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";

export interface GoalValues {
  text: string;
  kind: GoalKind;
  categoryCode?: string;
  departmentCodes?: string[];
  dueOn: string;
  money?: string;
}

const MOST = 20;
const TEXT: FieldSpec = { kind: "text", name: "text", label: "adopt.goalText", min: 5, max: 300 };
const KIND: FieldSpec = {
  kind: "choice",
  name: "kind",
  label: "adopt.kind",
  options: [
    { value: GoalKind.CASE, label: "goal.kind.case" },
    { value: GoalKind.WHISTLE, label: "goal.kind.whistle" },
    { value: GoalKind.OWN_WORK, label: "goal.kind.own" },
  ],
};
const CATEGORY: FieldSpec = { kind: "category", name: "categoryCode", label: "field.category" };
const DEPARTMENTS: FieldSpec = { kind: "departments", name: "departmentCodes", label: "field.departments", max: 20 };

export function GoalsInput() {
  const { t } = useSpeech();
  return (
    <Form.List name="goals">
      {(rows, { add, remove }) => (
        <div className="stack goals-input">
          <h2>{t("adopt.goals")}</h2>
          {rows.map((row, index) => (
            <fieldset key={row.key} className="goal-input">
              <legend>{t("adopt.goal", { n: index + 1 })}</legend>
              <GoalFields at={row.name} />
              {rows.length > 1 && (
                <Button size="small" danger onClick={() => remove(row.name)}>
                  {t("adopt.removeGoal", { n: index + 1 })}
                </Button>
              )}
            </fieldset>
          ))}
          {rows.length < MOST && (
            <Button onClick={() => add({ kind: GoalKind.CASE })} data-testid="add-goal">
              {t("adopt.addGoal")}
            </Button>
          )}
        </div>
      )}
    </Form.List>
  );
}

function GoalFields({ at }: { at: number }) {
  const { t, language } = useSpeech();
  const kind = Form.useWatch(["goals", at, "kind"]) as GoalKind | undefined;
  const today = fieldFromMs(Date.now()).slice(0, 10);
  const fields = [TEXT, KIND, CATEGORY, ...(kind === GoalKind.WHISTLE ? [DEPARTMENTS] : [])];
  return (
    <>
      {fields.map((field) => (
        <Form.Item key={field.name} name={[at, field.name]} label={t(field.label)} rules={rulesOf(field, language)}>
          <FieldInput field={field} />
        </Form.Item>
      ))}
      <div className="two">
        <Form.Item name={[at, "dueOn"]} label={t("adopt.due")} rules={[{ required: true, validator: (_, value) => (typeof value === "string" && value > today ? Promise.resolve() : Promise.reject(new Error(t("adopt.needDay")))) }]}>
          <Input type="date" />
        </Form.Item>
        <Form.Item
          name={[at, "money"]}
          label={t("adopt.money")}
          extra={t("adopt.moneyHint")}
          rules={[{ validator: (_, value) => (!value || hundredthsOf(String(value)) !== undefined ? Promise.resolve() : Promise.reject(new Error(t("adopt.needMoney")))) }]}
        >
          <Input inputMode="decimal" prefix="¥" />
        </Form.Item>
      </div>
    </>
  );
}
