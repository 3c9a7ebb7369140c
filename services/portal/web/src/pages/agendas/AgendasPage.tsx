// The agendas of a community, newest first; drawing one up.
import { Link, useSearchParams } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { drawUpAgenda } from "../../actions/deliberationSpecs.ts";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { agendaStatusTone, agendaStatusWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { agendas } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { AreaChoice, DeliberationTabs } from "../topics/DeliberationTabs.tsx";
import "../lists.css";
import "../topics/topics.css";

export default function AgendasPage() {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  usePageTitle(t("agendas.title", { area: areaName(area) }));
  const list = usePages(own === "" ? undefined : `agendas:${area}`, async (pageToken, signal) => {
    const answer = await agendas.listAgendas({ areaCode: area, pageSize: 50, pageToken }, { signal });
    return { rows: answer.agendas, nextPageToken: answer.nextPageToken };
  });
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  const draws = area.length === 12 && permits.allows("agenda.draw_up", area);
  return (
    <div className="page" data-testid="agendas">
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{t("agendas.title", { area: areaName(area) })}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={(value) => setQuery({ area: value }, { replace: true })} />
          {draws && <ChoiceBar choices={[{ rpc: "DrawUpAgenda", spec: drawUpAgenda, target: { areaCode: area } }]} onDone={list.reload} />}
        </div>
      </div>
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t("agendas.empty")}</EmptyNote>
            </div>
          ) : (
            <ul className="cards">
              {rows.map((agenda) => (
                <li key={agenda.agendaId} className="panel card" data-testid={`agenda-${agenda.agendaId}`}>
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
              ))}
            </ul>
          )
        }
      </PagedList>
    </div>
  );
}
