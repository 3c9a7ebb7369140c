// The last 30 days as bars.
import { Skeleton } from "antd";
import { lazy, Suspense, useMemo } from "react";
import { useSpeech } from "../../app/language.tsx";
import { FONT_STACK } from "../../app/theme.ts";
import { EmptyNote } from "../../components/Notice.tsx";
import { Panel } from "../../components/Panel.tsx";
import type { Figures } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";

const Chart = lazy(() => import("../../components/Chart.tsx"));
const HEIGHT = 200;

export function DaysPanel({ days }: { days: readonly Figures[] }) {
  const { t } = useSpeech();
  const registered = days.reduce((sum, day) => sum + Number(day.registered), 0);
  const settled = days.reduce((sum, day) => sum + Number(day.settled), 0);
  const option = useMemo(() => optionOf(days, t("board.series.registered"), t("board.series.settled")), [days, t]);
  return (
    <Panel title={t("board.days")} className="board-days">
      {registered === 0 ? (
        <EmptyNote>{t("board.daysEmpty")}</EmptyNote>
      ) : (
        <Suspense fallback={<Skeleton.Node active style={{ width: "100%", height: HEIGHT }} />}>
          <Chart option={option} label={t("board.daysSummary", { registered, settled })} height={HEIGHT} />
        </Suspense>
      )}
    </Panel>
  );
}

function optionOf(days: readonly Figures[], registered: string, settled: string) {
  const bar = { type: "bar" as const, barMaxWidth: 18 };
  return {
    animation: false,
    textStyle: { fontFamily: FONT_STACK },
    grid: { left: 4, right: 4, top: 32, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { right: 0, top: 0, itemWidth: 10, itemHeight: 10, icon: "rect", textStyle: { color: "#59636e" } },
    tooltip: { trigger: "axis", axisPointer: { type: "shadow" }, confine: true, order: "seriesAsc" },
    xAxis: {
      type: "category",
      data: days.map((day) => day.key.slice(5)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: "#c9ced4" } },
      axisLabel: { color: "#59636e", hideOverlap: true },
    },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: "#59636e" }, splitLine: { lineStyle: { color: "#e2e5e9" } } },
    series: [
      { ...bar, name: registered, data: days.map((day) => Number(day.registered)), itemStyle: { color: "#c3cad2" }, barGap: "-100%" },
      { ...bar, name: settled, data: days.map((day) => Number(day.settled)), itemStyle: { color: "#4a5a6a" } },
    ],
  };
}
