// Draws one ECharts option. Loaded on its own, because the library is the heaviest part of the pages.
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

export default function Chart({ option, label, height }: { option: EChartsCoreOption; label: string; height: number }) {
  const holder = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);

  useEffect(() => {
    const element = holder.current;
    if (!element) return;
    const drawn = init(element, undefined, { renderer: "svg" });
    chart.current = drawn;
    const resized = new ResizeObserver(() => drawn.resize());
    resized.observe(element);
    return () => {
      resized.disconnect();
      drawn.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => chart.current?.setOption(option), [option]);

  return <div ref={holder} role="img" aria-label={label} style={{ height }} />;
}
