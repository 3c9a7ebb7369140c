// The goals of a resolution: promise against result.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { reportGoal } from "../../actions/deliberationSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Mark } from "../../components/Mark.tsx";
import { goalKindWord, goalStatusTone, goalStatusWord, yuanOf } from "../../format/deliberation.ts";
import { type Goal, GoalKind, GoalStatus, type Resolution } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";

export function GoalTable({ resolution, onDone }: { resolution: Resolution; onDone: () => void }) {
  const { t, language } = useSpeech();
  const { departmentName, categoryName } = useReference();
  const { permits } = usePerson();
  const reports = permits.allows("resolution.report", resolution.areaCode);
  const owner = (goal: Goal) => goal.departmentCodes.map(departmentName).join(language === "zh" ? "、" : ", ");
  const columns: Column<Goal>[] = [
    {
      key: "text",
      title: t("goal.text"),
      render: (goal) => (
        <span className="cases-title">
          {goal.text}
          <br />
          <span className="quiet">{categoryName(goal.categoryCode)}</span>
        </span>
      ),
    },
    {
      key: "owner",
      title: t("goal.owner"),
      render: (goal) => (
        <>
          {t(goalKindWord[goal.kind])} {goal.departmentCodes.length > 0 && <span className="quiet">{owner(goal)}</span>}
        </>
      ),
    },
    { key: "due", title: t("goal.due"), render: (goal) => goal.dueOn },
    { key: "money", title: t("goal.money"), numeric: true, render: (goal) => (goal.amountFen > 0n ? yuanOf(goal.amountFen) : <span className="quiet">{t("goal.none")}</span>) },
    {
      key: "status",
      title: t("goal.status"),
      render: (goal) => (
        <div className="stack">
          <span className="row">
            <Mark tone={goalStatusTone[goal.status]}>{t(goalStatusWord[goal.status])}</Mark>
            {goal.late && <Mark tone="bad">{t("goal.late")}</Mark>}
            {goal.caseId && <Link to={`/case/${goal.caseId}`}>{t("goal.case")}</Link>}
          </span>
          {goal.report && <span className="quiet prewrap">{goal.report}</span>}
          {reports && goal.kind === GoalKind.OWN_WORK && isOpen(goal) && (
            <ChoiceBar choices={[{ rpc: "ReportGoal", spec: reportGoal, target: { resolutionId: resolution.resolutionId, goalId: goal.goalId }, testId: `action-ReportGoal-${goal.goalId}` }]} onDone={onDone} />
          )}
        </div>
      ),
    },
  ];
  return <DataTable label={t("resolution.table")} columns={columns} rows={resolution.goals} rowKey={(goal) => goal.goalId} rowTestId={(goal) => `goal-${goal.goalId}`} />;
}

/** How many goals are reached, as a bar with its words. */
export function Progress({ resolution }: { resolution: Resolution }) {
  const { t } = useSpeech();
  const all = resolution.goals.length;
  const done = resolution.goals.filter((goal) => goal.status === GoalStatus.FULFILLED).length;
  return (
    <p className="row">
      <progress value={done} max={Math.max(1, all)} aria-hidden="true" />
      <span>{t("resolution.progress", { done, all })}</span>
    </p>
  );
}

function isOpen(goal: Goal): boolean {
  return goal.status === GoalStatus.SET || goal.status === GoalStatus.UNDER_WAY;
}
