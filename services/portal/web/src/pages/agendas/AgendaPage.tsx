// An agenda: the system's order with the rule of every place, the lot, another order with its reason, publishing.
import { Button } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { drawAgendaLot, publishAgenda } from "../../actions/deliberationSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { agendaStatusTone, agendaStatusWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Agenda, AgendaStatus } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { agendas } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { LotPanel } from "./LotPanel.tsx";
import { SessionOrder, SystemOrder } from "./Orders.tsx";
import { Reorder } from "./Reorder.tsx";
import { TopicTitles } from "./topicTitles.tsx";
import "../topics/topics.css";

export default function AgendaPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const query = useQuery(`agenda:${id}`, async (signal) => {
    const { agenda } = await agendas.getAgenda({ agendaId: id }, { signal });
    if (!agenda) throw new TypeError("the answer holds no agenda");
    return agenda;
  });
  usePageTitle(query.data?.title);
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("agendas.back"), to: "/agendas" }} /> : <PageSkeleton />;
  return <AgendaView agenda={query.data} onDone={query.reload} />;
}

function AgendaView({ agenda, onDone }: { agenda: Agenda; onDone: () => void }) {
  const { t } = useSpeech();
  const [moving, setMoving] = useState(false);
  const system = agenda.places.map((place) => place.topicId);
  const changed = agenda.order.some((topic, at) => topic !== system[at]);
  return (
    <TopicTitles ids={[...new Set([...agenda.order, ...system, ...agenda.lotCandidates])]}>
      <div className="page" data-testid="agenda-page" data-status={AgendaStatus[agenda.status].toLowerCase()}>
        <Link className="back" to={`/agendas?area=${agenda.areaCode}`}>
          {t("agendas.back")}
        </Link>
        <AgendaHead agenda={agenda} changed={changed} moving={moving} onMove={() => setMoving(true)} onDone={onDone} />
        {moving ? (
          <Panel title={t("agenda.reorder")} note={t("agenda.reorderNote")}>
            <Reorder
              agenda={agenda}
              onClose={() => setMoving(false)}
              onDone={() => {
                setMoving(false);
                onDone();
              }}
            />
          </Panel>
        ) : changed ? (
          <div className="two-orders">
            <SessionOrder agenda={agenda} />
            <SystemOrder agenda={agenda} />
          </div>
        ) : (
          <SystemOrder agenda={agenda} />
        )}
        <LotPanel agenda={agenda} />
      </div>
    </TopicTitles>
  );
}

interface HeadProps {
  agenda: Agenda;
  changed: boolean;
  moving: boolean;
  onMove: () => void;
  onDone: () => void;
}

function AgendaHead({ agenda, changed, moving, onMove, onDone }: HeadProps) {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const time = (at: typeof agenda.meetsAt) => dayAndMinute(msOf(at) ?? 0, language);
  const draft = agenda.status === AgendaStatus.DRAFT;
  const pending = agenda.places.some((place) => place.topicId === "");
  const draws = draft && permits.allows("agenda.draw_up", agenda.areaCode);
  const reorders = draft && !pending && permits.allows("agenda.reorder", agenda.areaCode);
  const target = { agendaId: agenda.agendaId };
  return (
    <div className="page-head">
      <h1>{agenda.title}</h1>
      <p className="row">
        <Mark tone={agendaStatusTone[agenda.status]}>{t(agendaStatusWord[agenda.status])}</Mark>
        {changed && <Mark tone="warn">{t("agenda.changedOrder")}</Mark>}
        <span className="quiet">
          {areaName(agenda.areaCode)} · {t("agenda.meetsAt", { time: time(agenda.meetsAt) })}
          {agenda.publishedAt && ` · ${t("agenda.publishedAt", { time: time(agenda.publishedAt) })}`}
          {agenda.votableFrom && ` · ${t("topic.votableFrom", { time: time(agenda.votableFrom) })}`}
        </span>
      </p>
      {agenda.reorderReason && <p className="topic-reason prewrap">{t("agenda.reorderReason", { reason: agenda.reorderReason })}</p>}
      {draft && pending && <p className="quiet">{t("agenda.drawFirst")}</p>}
      <div className="row">
        {draws && pending && <ChoiceBar choices={[{ rpc: "DrawAgendaLot", spec: drawAgendaLot, target }]} onDone={onDone} />}
        {draws && !pending && !moving && <ChoiceBar choices={[{ rpc: "PublishAgenda", spec: publishAgenda, target }]} onDone={onDone} />}
        {reorders && !moving && (
          <Button onClick={onMove} data-testid="reorder">
            {t("agenda.reorder")}
          </Button>
        )}
        {!draft && permits.allows("meeting.convene", agenda.areaCode) && (
          <Link className="button" to={`/agendas/${agenda.agendaId}/convene`} data-testid="convene">
            {t("convene.title")}
          </Link>
        )}
      </div>
    </div>
  );
}
