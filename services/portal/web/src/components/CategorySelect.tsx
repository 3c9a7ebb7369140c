// Chooses a category of matters by its title.
import { Select } from "antd";
import { useReference } from "../app/reference.tsx";

export function CategorySelect({ id, value, onChange }: { id?: string | undefined; value?: string | undefined; onChange?: ((value: string) => void) | undefined }) {
  const { categories, categoryName } = useReference();
  return (
    <Select
      {...(id && { id })}
      value={value}
      onChange={(picked: string) => onChange?.(picked)}
      showSearch={{ optionFilterProp: "label" }}
      options={categories.map((one) => ({ value: one.categoryCode, label: categoryName(one.categoryCode) }))}
    />
  );
}
