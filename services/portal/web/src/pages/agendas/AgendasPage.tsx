// The agendas of a community, newest first; drawing one up.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { drawUpAgenda } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { agendaStatusTone, agendaStatusWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Agenda } from "../../gen/gongzhi/deliberation/v1/agenda_pb.ts";
import { agendas } from "../../rpc/deliberation.ts";
import { AreaList } from "../topics/AreaList.tsx";

export default function AgendasPage() {
  const { permits } = usePerson();
  return (
    <AreaList
      name="agendas"
      read={async (areaCode, pageToken, signal) => {
        const answer = await agendas.listAgendas({ areaCode, pageSize: 50, pageToken }, { signal });
        return { rows: answer.agendas, nextPageToken: answer.nextPageToken };
      }}
      beside={(area, reload) => area.length === 12 && permits.allows("agenda.draw_up", area) && <ChoiceBar choices={[{ rpc: "DrawUpAgenda", spec: drawUpAgenda, target: { areaCode: area } }]} onDone={reload} />}
      card={(agenda) => <AgendaCard key={agenda.agendaId} agenda={agenda} />}
    />
  );
}

function AgendaCard({ agenda }: { agenda: Agenda }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  return (
    <li className="panel card" data-testid={`agenda-${agenda.agendaId}`}>
      <p className="row">
        <Mark tone={agendaStatusTone[agenda.status]}>{t(agendaStatusWord[agenda.status])}</Mark>
        {agenda.reorderReason && <Mark tone="warn">{t("agenda.changedOrder")}</Mark>}
        <span className="quiet">{t("agenda.places", { n: agenda.places.length })}</span>
      </p>
      <h2 className="card-title">
        <Link to={`/agendas/${agenda.agendaId}`}>{agenda.title}</Link>
      </h2>
      <p className="quiet">
        {areaName(agenda.areaCode)} · {t("agenda.meetsAt", { time: dayAndMinute(msOf(agenda.meetsAt) ?? 0, language) })}
      </p>
    </li>
  );
}
