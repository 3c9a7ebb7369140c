// Opens a room: who, over what, which question, who is called. Prefilled from the address: organization, case_id, category_code, area_code.
import { App, Button, Form, Input, Select } from "antd";
import { Link, useNavigate, useSearchParams } from "react-router";
import { lengthOf, rulesOf } from "../../actions/fields.ts";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useOrganizations } from "../../app/organizations.ts";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { OrganizationSelect } from "../../components/OrganizationSelect.tsx";
import { organizationOf } from "../../format/organizations.ts";
import { rooms } from "../../rpc/exchange.ts";
import { SubjectPart } from "./SubjectPart.tsx";
import { type Kind, subjectOf } from "./subject.ts";
import "./rooms.css";

interface Wanted {
  organization: string;
  about: Kind;
  areaCode: string;
  caseId: string;
  categoryCode: string;
  title: string;
  question: string;
  called: string[];
}

const MOST_CALLED = 20;
const NAMES: readonly (keyof Wanted)[] = ["organization", "about", "areaCode", "caseId", "categoryCode", "title", "question", "called"];

export default function OpenRoomPage() {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const { message } = App.useApp();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const organizations = useOrganizations("room.open");
  const [form] = Form.useForm<Wanted>();
  usePageTitle(t("room.new.title"));
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: NAMES,
    call: (wanted: Wanted, options) => {
      const organization = organizationOf(wanted.organization);
      const called = wanted.called.flatMap((key) => organizationOf(key) ?? []);
      const subject = subjectOf({ kind: wanted.about, areaCode: wanted.areaCode, caseId: wanted.caseId ?? "", categoryCode: wanted.categoryCode ?? "" });
      return rooms.openRoom({ ...(organization && { organization }), subject, title: wanted.title.trim(), question: wanted.question.trim(), called }, options);
    },
    onDone: ({ room }) => {
      message.success(t("room.new.done"));
      const as = encodeURIComponent(form.getFieldValue("organization") as string);
      navigate(room ? `/rooms/${room.roomId}?organization=${as}` : "/rooms");
    },
  });
  const offered = permits.organizationsOf("room.open");
  const asked = query.get("organization") ?? "";
  const own = Form.useWatch("organization", form) ?? "";
  if (!permits.holds("room.open")) return <Notice title={t("room.new.noPost")} action={{ label: t("rooms.back"), to: "/rooms" }} />;

  const caseId = query.get("case_id") ?? "";
  const categoryCode = query.get("category_code") ?? "";
  const initial: Wanted = {
    organization: permits.allowsFor("room.open", asked) ? asked : (offered[0] ?? ""),
    about: !caseId && categoryCode ? "category" : "case",
    areaCode: query.get("area_code") ?? permits.home(),
    caseId,
    categoryCode,
    title: "",
    question: "",
    called: [],
  };
  const calledRule = {
    required: true,
    validator: (_: unknown, value: string[] | undefined) =>
      value && value.length >= 1 && value.length <= MOST_CALLED ? Promise.resolve() : Promise.reject(new Error(t("need.organizations", { max: MOST_CALLED }))),
  };
  return (
    <div className="page page-narrow" data-testid="open-room-page">
      <Link className="back" to="/rooms">
        {t("rooms.back")}
      </Link>
      <div className="page-head">
        <h1>{t("room.new.title")}</h1>
        <p className="quiet">{t("rooms.about")}</p>
      </div>
      <div className="panel">
        <div className="panel-body">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={initial} onFinish={submit} scrollToFirstError disabled={busy}>
            <Form.Item name="organization" label={t("room.new.organization")} rules={[{ required: true, message: t("need.organization") }]}>
              <Select options={organizations} showSearch={{ optionFilterProp: "label" }} />
            </Form.Item>
            <SubjectPart />
            <Form.Item name="title" label={t("room.new.name")} rules={rulesOf({ kind: "text", name: "title", label: "room.new.name", min: 2, max: 60 }, language)}>
              <Input count={{ show: true, max: 60, strategy: lengthOf }} />
            </Form.Item>
            <Form.Item name="question" label={t("room.new.question")} extra={t("room.new.questionHint")} rules={rulesOf({ kind: "text", name: "question", label: "room.new.question", min: 5, max: 500 }, language)}>
              <Input.TextArea autoSize={{ minRows: 3, maxRows: 10 }} count={{ show: true, max: 500, strategy: lengthOf }} />
            </Form.Item>
            <Form.Item name="called" label={t("room.new.called")} extra={t("room.new.calledHint")} rules={[calledRule]}>
              <OrganizationSelect mode="multiple" without={[own]} />
            </Form.Item>
            <Button type="primary" htmlType="submit" loading={busy} data-testid="submit-room">
              {t("room.new.submit")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}
