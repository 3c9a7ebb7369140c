// Which end of a timeline stands on top.
import { Segmented } from "antd";
import { useSpeech } from "../app/language.tsx";

export type Direction = "newest" | "oldest";

export function DirectionSwitch({ value, onChange }: { value: Direction; onChange: (value: Direction) => void }) {
  const { t } = useSpeech();
  return (
    <Segmented<Direction>
      size="small"
      value={value}
      onChange={onChange}
      options={[
        { value: "newest", label: t("timeline.newestFirst") },
        { value: "oldest", label: t("timeline.oldestFirst") },
      ]}
    />
  );
}
