// The procedures of a community (四议两公开), newest first, with where each stands and what is overdue.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Procedure } from "../../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { procedures } from "../../rpc/deliberation.ts";
import { TopicTitles, useTitles } from "../agendas/topicTitles.tsx";
import { AreaList } from "../topics/AreaList.tsx";
import { ProcedureMarks, ProcedureNext } from "./ProcedureMarks.tsx";

export default function ProceduresPage() {
  return (
    <AreaList
      name="procedures"
      about="procedures.about"
      read={async (areaCode, pageToken, signal) => {
        const answer = await procedures.listProcedures({ areaCode, pageSize: 20, pageToken }, { signal });
        return { rows: answer.procedures, nextPageToken: answer.nextPageToken };
      }}
      card={(procedure) => <ProcedureCard key={procedure.procedureId} procedure={procedure} />}
      around={(rows, cards) => <TopicTitles ids={[...new Set(rows.map((procedure) => procedure.topicId))]}>{cards}</TopicTitles>}
    />
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
