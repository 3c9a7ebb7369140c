// What the organization holds to be the case, what it proposes, and who should do it.
import { Button, Form, Input, Select } from "antd";
import { leaveWithoutChoosing } from "../../actions/FieldInput.tsx";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import type { WordKey } from "../../app/words/index.ts";
import { organizationOf } from "../../format/organizations.ts";
import { rooms } from "../../rpc/exchange.ts";
import type { EntryFormProps } from "./Composer.tsx";

interface Wanted {
  finding: string;
  proposal: string;
  departmentCodes?: string[];
}

const LONGEST = 2000;
const MOST_DEPARTMENTS = 20;

export function AssessmentForm({ roomId, as, onDone }: EntryFormProps) {
  const { t, language } = useSpeech();
  const { departments, departmentName } = useReference();
  const [form] = Form.useForm<Wanted>();
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["finding", "proposal", "departmentCodes"],
    about: { roomId, as },
    call: ({ finding, proposal, departmentCodes = [] }: Wanted, options) => {
      const organization = organizationOf(as);
      const assessment = { finding: finding.trim(), proposal: proposal.trim(), departmentCodes };
      return rooms.addAssessment({ roomId, ...(organization && { organization }), assessment }, options);
    },
    onDone: () => {
      form.resetFields();
      onDone();
    },
  });
  const rules = (name: string, label: WordKey) => rulesOf({ kind: "text", name, label, min: 2, max: LONGEST }, language);
  const departmentsRule = {
    validator: (_: unknown, value: string[] = []) => (value.length <= MOST_DEPARTMENTS ? Promise.resolve() : Promise.reject(new Error(t("need.atMostDepartments", { max: MOST_DEPARTMENTS })))),
  };
  return (
    <Form<Wanted> name="assessment" form={form} layout="vertical" onFinish={submit} disabled={busy} data-testid="assessment-form">
      {failure && <Objection failure={failure} rest={rest} />}
      <Form.Item name="finding" label={t("room.assessment.finding")} rules={rules("finding", "room.finding")}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} count={{ show: true, max: LONGEST, strategy: lengthOf }} />
      </Form.Item>
      <Form.Item name="proposal" label={t("room.assessment.proposal")} rules={rules("proposal", "room.proposal")}>
        <Input.TextArea autoSize={{ minRows: 3, maxRows: 12 }} count={{ show: true, max: LONGEST, strategy: lengthOf }} />
      </Form.Item>
      <Form.Item name="departmentCodes" label={t("room.assessment.departments")} rules={[departmentsRule]}>
        <Select
          mode="multiple"
          options={departments.map((one) => ({ value: one.departmentCode, label: departmentName(one.departmentCode) }))}
          showSearch={{ optionFilterProp: "label" }}
          onInputKeyDown={leaveWithoutChoosing}
        />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={busy} data-testid="add-assessment">
        {t("room.assessment.add")}
      </Button>
    </Form>
  );
}
