// The live board of an area: what is open, what is late, where, and who has been called.
import { Link, useParams } from "react-router";
import { useSpeech, usePageTitle } from "../../app/language.tsx";
import { useOnline } from "../../app/online.ts";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { ErrorNotice, FailureLine } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { levelOf, trailOf } from "../../format/areas.ts";
import { msOf, lately } from "../../format/times.ts";
import type { Board } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { AreaTable } from "./AreaTable.tsx";
import { AttentionList } from "./AttentionList.tsx";
import { CategoryBars } from "./CategoryBars.tsx";
import { DaysPanel } from "./DaysPanel.tsx";
import { DepartmentTable } from "./DepartmentTable.tsx";
import { HappeningList } from "./HappeningList.tsx";
import { KeyFigures } from "./KeyFigures.tsx";
import { type Link as LinkState, useBoard } from "./useBoard.ts";
import "./board.css";

export default function BoardPage() {
  const { area = "" } = useParams();
  const { t } = useSpeech();
  const { areaName } = useReference();
  const { board, link, failure, retry } = useBoard(area);
  const name = board?.totals?.name || areaName(area);
  usePageTitle(t("board.title", { area: name }));

  if (link === "failed" && failure) return <ErrorNotice failure={failure} onRetry={retry} title={t("board.missingTitle")} />;
  return (
    <div className="page" data-testid="board" data-area={area}>
      <div className="page-head board-head">
        <Trail area={area} />
        <h1 data-testid="board-title">{t("board.title", { area: name })}</h1>
        <LiveLine link={link} board={board} />
      </div>
      {!board && failure && <FailureLine failure={failure} onRetry={retry} />}
      {board ? <Content board={board} area={area} /> : <PageSkeleton />}
    </div>
  );
}

function Content({ board, area }: { board: Board; area: string }) {
  const { t } = useSpeech();
  const level = levelOf(area);
  const below = level === "district" ? "sub_district" : level === "sub_district" ? "community" : level === "community" ? "estate" : "building";
  return (
    <>
      {board.totals && <KeyFigures totals={board.totals} departmentsAtWork={board.departments.filter((one) => one.whistlesOpen > 0n).length} />}
      <div className="board-columns">
        <div className="board-main">
          {(board.areas.length > 0 || level !== "community") && (
            <Panel title={t(`board.areas.${below}`)} className="board-areas" testId="areas-panel">
              <AreaTable rows={board.areas} />
            </Panel>
          )}
          <DaysPanel days={board.days} />
          <div className="board-pair">
            <Panel title={t("board.departments")} className="board-departments">
              <DepartmentTable rows={board.departments} />
            </Panel>
            <Panel title={t("board.categories")} note={t("board.categoriesNote")} className="board-categories">
              <CategoryBars rows={board.categories} />
            </Panel>
          </div>
        </div>
        <div className="board-side">
          <Panel title={t("board.attention")} note={t("board.attentionNote")} className="board-attention" aside={<Link to={`/cases?area=${area}&overdue=1`}>{t("board.allOverdue")}</Link>}>
            <AttentionList lines={board.attention} />
          </Panel>
          <Panel title={t("board.happenings")} className="board-happenings">
            <HappeningList happenings={board.happenings} />
          </Panel>
        </div>
      </div>
    </>
  );
}

function Trail({ area }: { area: string }) {
  const { t } = useSpeech();
  const { areaName } = useReference();
  const { permits } = usePerson();
  const seen = trailOf(area).filter((code) => permits.allows("board.read", code));
  if (seen.length < 2) return null;
  return (
    <nav aria-label={t("board.trail")}>
      <ol className="trail">
        {seen.map((code) => (
          <li key={code}>{code === area ? <span aria-current="page">{areaName(code)}</span> : <Link to={`/board/${code}`}>{areaName(code)}</Link>}</li>
        ))}
      </ol>
    </nav>
  );
}

function LiveLine({ link, board }: { link: LinkState; board: Board | undefined }) {
  const { t, language } = useSpeech();
  const online = useOnline();
  const state = online ? link : "offline";
  const word = state === "live" ? "board.live" : state === "offline" ? "board.offline" : state === "reconnecting" ? "board.reconnecting" : "board.connecting";
  const at = msOf(board?.asOf);
  return (
    <p className="live-line" title={board && t("board.sequence", { n: board.streamSequence.toString() })}>
      <span className={`live live-${state}`} role="status" data-testid="live-state" data-state={state}>
        {t(word)}
      </span>
      <span className="quiet">{board && (at === undefined ? t("board.noFacts") : t("board.asOf", { time: lately(at, language) }))}</span>
    </p>
  );
}
