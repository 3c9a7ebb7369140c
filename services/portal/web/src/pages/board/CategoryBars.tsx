// The categories with most cases as bars: registered in light, open in dark.
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { sortFigures } from "../../format/figures.ts";
import type { Figures } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";

export function CategoryBars({ rows }: { rows: readonly Figures[] }) {
  const { t } = useSpeech();
  const { categoryName } = useReference();
  if (rows.length === 0) return <EmptyNote>{t("board.categoriesEmpty")}</EmptyNote>;
  const most = Math.max(...rows.map((row) => Number(row.registered)), 1);
  const sorted = [...sortFigures(rows, "key", false)].sort((a, b) => Number(b.registered - a.registered));
  return (
    <ul className="bars">
      {sorted.map((row) => {
        const share = (count: bigint) => `${(Number(count) / most) * 100}%`;
        return (
          <li key={row.key}>
            <span className="bar-name">{categoryName(row.key)}</span>
            <span className="bar-count">
              <strong>{row.open.toString()}</strong> / {row.registered.toString()}
            </span>
            <span className="bar" aria-hidden="true">
              <span className="bar-all" style={{ width: share(row.registered) }} />
              <span className="bar-open" style={{ width: share(row.open) }} />
            </span>
          </li>
        );
      })}
    </ul>
  );
}
