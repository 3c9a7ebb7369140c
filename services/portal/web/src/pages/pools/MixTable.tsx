// What a panel must look like, by feature, and what it does once it is drawn. Single volunteers are never told apart.
import { useSpeech } from "../../app/language.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { quotaInWords } from "../../format/pools.ts";

interface MixTableProps {
  categories: readonly { name: string; features: readonly { feature: string; min: number; max: number; members: number | null }[] }[];
  drawn: boolean;
}

interface FeatureRow {
  key: string;
  category: string;
  feature: string;
  min: number;
  max: number;
  members: number | null;
}

export function MixTable({ categories, drawn }: MixTableProps) {
  const { t } = useSpeech();
  const rows = categories.flatMap((category) => category.features.map(({ feature, min, max, members }): FeatureRow => ({ feature, min, max, members, key: `${category.name}/${feature}`, category: category.name })));
  const columns: Column<FeatureRow>[] = [
    {
      key: "feature",
      title: t("draw.feature"),
      render: (row) => (
        <>
          <span className="quiet">{row.category}</span> {row.feature}
        </>
      ),
    },
    { key: "quota", title: t("draw.quota"), numeric: true, render: (row) => quotaInWords(row) },
    ...(drawn ? [{ key: "members", title: t("draw.members"), numeric: true, render: (row: FeatureRow) => row.members ?? "–" }] : []),
  ];
  return <DataTable label={t("draw.mix")} columns={columns} rows={rows} rowKey={(row) => row.key} />;
}
