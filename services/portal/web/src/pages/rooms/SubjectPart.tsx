// What a room will be about: one case, a category or a whole place. A case brings its community and, where there is none yet, a title.
import { Form, Input, Radio, Select } from "antd";
import { useEffect, useRef, useState } from "react";
import { leaveWithoutChoosing } from "../../actions/FieldInput.tsx";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { AreaSelect } from "../../components/AreaSelect.tsx";
import { hasOffice } from "../../format/areas.ts";
import type { Case } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases } from "../../rpc/clients.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { type Kind, KINDS } from "./subject.ts";

const COMMUNITY_LENGTH = 12;
const LONGEST_TITLE = 60;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function SubjectPart() {
  const { t } = useSpeech();
  const { categories, categoryName } = useReference();
  const form = Form.useFormInstance();
  const about = Form.useWatch("about", form) as Kind | undefined;
  const areaRule = {
    required: true,
    validator: (_: unknown, value: string | undefined) => (hasOffice(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("need.officeArea")))),
  };
  return (
    <>
      <Form.Item name="about" label={t("room.new.subject")} required>
        <Radio.Group options={KINDS.map((value) => ({ value, label: t(`room.subject.${value}`) }))} />
      </Form.Item>
      <Form.Item name="areaCode" label={t("room.new.area")} extra={t("room.new.areaHint")} rules={[areaRule]}>
        <AreaSelect />
      </Form.Item>
      {about === "case" && <CaseItem />}
      {about === "category" && (
        <Form.Item name="categoryCode" label={t("room.new.category")} rules={[{ required: true, message: t("need.category") }]}>
          <Select
            options={categories.map((one) => ({ value: one.categoryCode, label: categoryName(one.categoryCode) }))}
            showSearch={{ optionFilterProp: "label" }}
            onInputKeyDown={leaveWithoutChoosing}
          />
        </Form.Item>
      )}
    </>
  );
}

function CaseItem() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const form = Form.useFormInstance();
  const caseId = String(Form.useWatch("caseId", form) ?? "").trim();
  const areaCode = String(Form.useWatch("areaCode", form) ?? "");
  const reads = permits.allows("case.read", areaCode);
  const recent = useQuery(reads ? `cases-of:${areaCode}` : undefined, (signal) => cases.listCases({ areaCode, pageSize: 50 }, { signal }));
  const known = recent.data?.cases.find((one) => one.caseId === caseId);
  // The list shows the newest ones; one that is named by its id is read by itself.
  const single = useQuery(ID.test(caseId) && reads && recent.data && !known ? `case:${caseId}` : undefined, (signal) => cases.getCase({ caseId }, { signal }));
  const found = known ?? single.data?.case;

  // Once for a case: whoever then chooses a wider area means it.
  const taken = useRef("");
  useEffect(() => {
    if (!found || taken.current === found.caseId) return;
    taken.current = found.caseId;
    const community = found.place?.areaCode.slice(0, COMMUNITY_LENGTH);
    if (community) form.setFieldValue("areaCode", community);
    if (!form.getFieldValue("title")) form.setFieldValue("title", [...found.title].slice(0, LONGEST_TITLE).join(""));
  }, [found, form]);

  return (
    <Form.Item
      name="caseId"
      label={t("room.new.case")}
      extra={t(reads ? "room.new.caseHint" : "room.new.caseId")}
      rules={[{ required: true, whitespace: true, message: t("need.case") }]}
    >
      {reads ? <CaseSelect found={[...(found ? [found] : []), ...(recent.data?.cases ?? [])]} loading={recent.loading} /> : <Input />}
    </Form.Item>
  );
}

interface CaseSelectProps {
  id?: string;
  value?: string;
  onChange?: (caseId: string) => void;
  found: readonly Case[];
  loading: boolean;
}

/** Chooses a case by number or title; one that is not listed is entered by its id. */
function CaseSelect({ id, value, onChange, found, loading }: CaseSelectProps) {
  const [typed, setTyped] = useState("");
  const labels = new Map(found.map((one) => [one.caseId, caseInWords(one)]));
  const ids = [...labels.keys(), ...(ID.test(typed) && !labels.has(typed) ? [typed] : [])];
  return (
    <div onKeyDownCapture={leaveWithoutChoosing}>
      <Select
        {...(id && { id })}
        value={value || undefined}
        onChange={onChange}
        loading={loading}
        options={ids.map((one) => ({ value: one, label: labels.get(one) ?? one }))}
        showSearch={{
          onSearch: (text) => setTyped(text.trim()),
          filterOption: (search, option) => `${String(option?.label)} ${String(option?.value)}`.includes(search.trim()),
        }}
      />
    </div>
  );
}

function caseInWords(found: Case): string {
  return `${found.caseNumber} · ${found.title}`;
}
