// The procedures of a community (四议两公开), newest first, with where each stands and what is overdue.
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Procedure } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { procedures } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { TopicTitles, useTitles } from "../agendas/topicTitles.tsx";
import { AreaChoice, DeliberationTabs } from "../topics/DeliberationTabs.tsx";
import { ProcedureMarks, ProcedureNext } from "./ProcedureMarks.tsx";
import "../lists.css";
import "../topics/topics.css";

export default function ProceduresPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  usePageTitle(t("procedures.title", { area: areaName(area) }));
  const list = usePages(own === "" ? undefined : `procedures:${area}`, async (pageToken, signal) => {
    const answer = await procedures.listProcedures({ areaCode: area, pageSize: 20, pageToken }, { signal });
    return { rows: answer.procedures, nextPageToken: answer.nextPageToken };
  });
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  return (
    <div className="page" data-testid="procedures">
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{t("procedures.title", { area: areaName(area) })}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={(value) => setQuery({ area: value }, { replace: true })} />
        </div>
      </div>
      <p className="quiet">{t("procedures.about")}</p>
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t("procedures.empty")}</EmptyNote>
            </div>
          ) : (
            <TopicTitles ids={[...new Set(rows.map((procedure) => procedure.topicId))]}>
              <ul className="cards">
                {rows.map((procedure) => (
                  <ProcedureCard key={procedure.procedureId} procedure={procedure} />
                ))}
              </ul>
            </TopicTitles>
          )
        }
      </PagedList>
    </div>
  );
}

function ProcedureCard({ procedure }: { procedure: Procedure }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const titles = useTitles();
  return (
    <li className="panel card" data-testid={`procedure-${procedure.procedureId}`}>
      <p className="row">
        <ProcedureMarks procedure={procedure} />
        <span className="quiet">
          {areaName(procedure.areaCode)} · {t("procedure.openedAt", { time: dayAndMinute(msOf(procedure.openedAt) ?? 0, language) })}
        </span>
      </p>
      <h2 className="card-title">
        <Link to={`/procedures/${procedure.procedureId}`}>{titles(procedure.topicId)}</Link>
      </h2>
      <p>
        <ProcedureNext procedure={procedure} />
      </p>
    </li>
  );
}
