// One row per called department: its summonses and how it answers them.
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { FlashNumber } from "../../components/FlashNumber.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { sortFigures } from "../../format/figures.ts";
import type { Figures } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { RateCell } from "./KeyFigures.tsx";

export function DepartmentTable({ rows }: { rows: readonly Figures[] }) {
  const { t } = useSpeech();
  const { departmentName } = useReference();
  if (rows.length === 0) return <EmptyNote>{t("board.departmentsEmpty")}</EmptyNote>;
  const columns: Column<Figures>[] = [
    { key: "name", title: t("board.department"), render: (row) => departmentName(row.key) },
    { key: "open", title: t("board.summonsesOpen"), numeric: true, render: (row) => <FlashNumber value={row.whistlesOpen} /> },
    { key: "overdue", title: t("board.overdue"), numeric: true, render: (row) => <span className={row.overdue > 0n ? "bad strong" : ""}>{row.overdue.toString()}</span> },
    { key: "all", title: t("board.summonses"), numeric: true, render: (row) => row.registered.toString() },
    { key: "rate", title: t("rate.response"), numeric: true, render: (row) => <RateCell rate={row.responseRate} note="rate.departmentResponseNote" /> },
  ];
  return <DataTable label={t("board.departments")} columns={columns} rows={sortFigures(rows, "whistlesOpen", true)} rowKey={(row) => row.key} rowTestId={(row) => `department-row-${row.key}`} />;
}
