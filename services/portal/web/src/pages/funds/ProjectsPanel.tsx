// The projects of a fund: what each costs, where it is, and once the fund is decided how many want it and what became of it.
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { withdrawProject } from "../../actions/fundSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { costOf, whyLostWord } from "../../format/funds.ts";
import { type Fund, type FundProject, FundStatus } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { usePlaceNames } from "../case/usePlaceName.ts";
import "./funds.css";

export function ProjectsPanel({ fund, onDone }: { fund: Fund; onDone: () => void }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const placeOf = usePlaceNames(fund.areaCode);
  const decided = fund.status === FundStatus.DECIDED;
  const open = fund.status === FundStatus.OPEN || fund.status === FundStatus.PUBLISHED;
  const withdraws = open && permits.allows("fund.propose", fund.areaCode);
  const standing = fund.projects.filter((project) => !project.withdrawn);
  const columns: Column<FundProject>[] = [
    { key: "title", title: t("fund.project"), render: (project) => <ProjectName project={project} /> },
    { key: "place", title: t("fund.place"), render: (project) => placeOf(project.areaCode) },
    { key: "cost", title: t("fund.cost"), numeric: true, render: (project) => yuanOf(project.costFen) },
    { key: "group", title: t("fund.group"), render: (project) => project.exclusionGroup || <span className="quiet">–</span> },
  ];
  if (decided) {
    columns.push(
      { key: "approvals", title: t("fund.approvals"), numeric: true, render: (project) => project.approvals },
      { key: "result", title: t("fund.result"), render: (project) => (project.won ? <Mark tone="good">{t("fund.won")}</Mark> : <span className="quiet">{t(whyLostWord[project.whyLost])}</span>) },
    );
  }
  if (withdraws) {
    columns.push({
      key: "withdraw",
      title: "",
      render: (project) =>
        !project.withdrawn && (
          <ChoiceBar
            choices={[{ rpc: "WithdrawProject", spec: withdrawProject, target: { fundId: fund.fundId, number: project.number }, title: `${t("action.WithdrawProject")}: ${project.title}`, testId: `action-WithdrawProject-${project.number}` }]}
            onDone={onDone}
          />
        ),
    });
  }
  return (
    <Panel title={t("fund.projects")} note={standing.length > 0 && t("fund.projectsNote", { n: standing.length, yuan: yuanOf(costOf(standing)) })} testId="projects">
      {fund.projects.length === 0 ? (
        <EmptyNote>{t("fund.noProjects")}</EmptyNote>
      ) : (
        <DataTable label={t("fund.projects")} columns={columns} rows={fund.projects} rowKey={(project) => String(project.number)} rowTestId={(project) => `project-${project.number}`} />
      )}
    </Panel>
  );
}

function ProjectName({ project }: { project: FundProject }) {
  const { t } = useSpeech();
  return (
    <>
      <span className={project.withdrawn ? "withdrawn" : undefined}>
        {project.number}. {project.title}
      </span>
      {project.withdrawn && <span className="project-why">{t("fund.withdrawnFor", { reason: project.withdrawalReason })}</span>}
    </>
  );
}
