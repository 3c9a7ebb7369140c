// Convenes a meeting on topics of a published agenda: which topics, and how many seats each party has.
import { App, Button, Checkbox, Form } from "antd";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";
import { Objection } from "../../actions/Objection.tsx";
import { useSubmission } from "../../actions/useSubmission.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { type SeatRow, seatsOf } from "../../format/meetings.ts";
import { type Agenda, AgendaStatus } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { SeatBlock } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { agendas, meetings } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { TopicTitles, useTitles } from "../agendas/topicTitles.tsx";
import { type GivenRow, SeatRows } from "./SeatRows.tsx";
import "../lists.css";
import "../topics/topics.css";
import "./meetings.css";

const MOST_TOPICS = 20;

interface Wanted {
  topicIds: string[];
  seats: GivenRow[];
}

export default function ConvenePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  const query = useQuery(`agenda:${id}`, async (signal) => (await agendas.getAgenda({ agendaId: id }, { signal })).agenda);
  usePageTitle(t("convene.title"));
  const agenda = query.data;
  if (!agenda) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("agendas.back"), to: "/agendas" }} /> : <PageSkeleton blocks={1} />;
  const back = { label: agenda.title, to: `/agendas/${id}` };
  if (agenda.status !== AgendaStatus.PUBLISHED) return <Notice title={t("convene.unpublished")} action={back} />;
  if (!permits.allows("meeting.convene", agenda.areaCode)) return <Notice title={t("failure.forbidden")} action={back} />;
  return (
    <TopicTitles ids={agenda.order}>
      <ConveneForm agenda={agenda} />
    </TopicTitles>
  );
}

function ConveneForm({ agenda }: { agenda: Agenda }) {
  const { t } = useSpeech();
  const { message } = App.useApp();
  const titles = useTitles();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  const [form] = Form.useForm<Wanted>();
  const asked = query.get("topic") ?? "";
  const names = t("convene.partyNames").split(/[、,]\s*/);
  const { submit, busy, failure, rest } = useSubmission({
    form,
    names: ["topicIds", "seats"],
    about: { agendaId: agenda.agendaId },
    call: (wanted: Wanted, options) => meetings.conveneMeeting({ agendaId: agenda.agendaId, topicIds: wanted.topicIds, seats: seatsOf(rowsOf(wanted.seats)) }, options),
    onDone: ({ meeting }) => {
      message.success(t("convene.done"));
      navigate(meeting ? `/meetings/${meeting.meetingId}` : "/meetings");
    },
  });
  const initial: Wanted = {
    topicIds: agenda.order.includes(asked) ? [asked] : agenda.order.slice(0, MOST_TOPICS),
    seats: names.map((party, at) => ({ party, block: at === 0 ? SeatBlock.STATE : SeatBlock.SOCIAL, seats: at === 0 ? "3" : "1" })),
  };
  const needTopics = (value: unknown) => Array.isArray(value) && value.length >= 1 && value.length <= MOST_TOPICS;
  return (
    <div className="page page-narrow" data-testid="convene-page">
      <Link className="back" to={`/agendas/${agenda.agendaId}`}>
        {agenda.title}
      </Link>
      <div className="page-head">
        <h1>{t("convene.title")}</h1>
        <p className="quiet">{t("convene.note")}</p>
      </div>
      <div className="panel">
        <div className="panel-body stack">
          {failure && <Objection failure={failure} rest={rest} />}
          <Form<Wanted> form={form} layout="vertical" initialValues={initial} onFinish={submit} scrollToFirstError disabled={busy}>
            <Form.Item name="topicIds" label={t("convene.topics")} rules={[{ required: true, validator: (_, value) => (needTopics(value) ? Promise.resolve() : Promise.reject(new Error(t("convene.needTopics")))) }]}>
              <Checkbox.Group className="choices" options={agenda.order.map((value) => ({ value, label: titles(value) }))} />
            </Form.Item>
            <SeatRows />
            <Button type="primary" className="big" htmlType="submit" loading={busy} data-testid="submit-convene">
              {t("convene.submit")}
            </Button>
          </Form>
        </div>
      </div>
    </div>
  );
}

function rowsOf(given: readonly GivenRow[]): SeatRow[] {
  return given.map((row) => ({ party: row.party, block: row.block, seats: Number(row.seats) }));
}
