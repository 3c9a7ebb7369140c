// Whose things a list shows; nothing where there is no choice.
import { Select } from "antd";

interface OrganizationFilterProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange: (value: string) => void;
}

export function OrganizationFilter({ label, value, options, onChange }: OrganizationFilterProps) {
  if (options.length < 2) return null;
  return <Select aria-label={label} value={value} onChange={onChange} options={options} showSearch={{ optionFilterProp: "label" }} popupMatchSelectWidth={false} />;
}
