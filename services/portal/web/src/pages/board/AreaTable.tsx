// One row per area below; sortable, leads down to the board of the area.
import { Select } from "antd";
import { useMemo, useState } from "react";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { type Column, DataTable, type Order } from "../../components/DataTable.tsx";
import { FlashNumber } from "../../components/FlashNumber.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { levelOf } from "../../format/areas.ts";
import { type FigureOrder, sortFigures } from "../../format/figures.ts";
import type { Figures } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { RateCell } from "./KeyFigures.tsx";

export function AreaTable({ rows }: { rows: readonly Figures[] }) {
  const { t } = useSpeech();
  const { areaName } = useReference();
  const [order, setOrder] = useState<Order<FigureOrder>>({ by: "overdue", descending: true });
  const sorted = useMemo(() => sortFigures(rows, order.by, order.descending), [rows, order]);
  if (rows.length === 0) return <EmptyNote>{t("board.areasEmpty")}</EmptyNote>;

  const columns: Column<Figures, FigureOrder>[] = [
    { key: "key", title: t("board.area"), sortable: true, render: (row) => <AreaName code={row.key} name={row.name || areaName(row.key)} /> },
    { key: "open", title: t("board.open"), numeric: true, sortable: true, render: (row) => <FlashNumber value={row.open} testId={`area-open-${row.key}`} /> },
    {
      key: "overdue",
      title: t("board.overdue"),
      numeric: true,
      sortable: true,
      render: (row) => (
        <span className={row.overdue > 0n ? "bad strong" : ""}>
          <FlashNumber value={row.overdue} testId={`area-overdue-${row.key}`} />
        </span>
      ),
    },
    { key: "settled", title: t("board.settled"), numeric: true, sortable: true, render: (row) => <FlashNumber value={row.settled} /> },
    { key: "whistlesOpen", title: t("board.whistlesOpen"), numeric: true, sortable: true, wideOnly: true, render: (row) => <FlashNumber value={row.whistlesOpen} /> },
    { key: "responseRate", title: t("rate.response"), numeric: true, sortable: true, render: (row) => <RateCell rate={row.responseRate} note="rate.responseNote" /> },
    { key: "settlementRate", title: t("rate.settlement"), numeric: true, sortable: true, render: (row) => <RateCell rate={row.settlementRate} note="rate.settlementNote" /> },
    { key: "satisfactionRate", title: t("rate.satisfaction"), numeric: true, sortable: true, render: (row) => <RateCell rate={row.satisfactionRate} note="rate.satisfactionNote" /> },
  ];
  const choices = columns.map((column) => ({ value: column.key, label: column.key === "key" ? t("board.byCode") : column.title }));
  return (
    <>
      <label className="sort-choice">
        <span className="quiet">{t("board.sortBy")}</span>
        <Select size="small" value={order.by} options={choices} popupMatchSelectWidth={false} onChange={(by) => setOrder({ by, descending: by !== "key" })} />
      </label>
      <DataTable
        label={t("board.area")}
        columns={columns}
        rows={sorted}
        rowKey={(row) => row.key}
        rowTestId={(row) => `area-row-${row.key}`}
        order={order}
        onOrder={setOrder}
      />
    </>
  );
}

function AreaName({ code, name }: { code: string; name: string }) {
  const level = levelOf(code);
  const hasBoard = level === "district" || level === "sub_district" || level === "community";
  return hasBoard ? <Link to={`/board/${code}`}>{name}</Link> : <>{name}</>;
}
