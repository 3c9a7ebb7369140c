// The categories of a pool with their features and quotas, as a form: all of it where a pool is opened, the quotas alone where they are changed.
import { Button, Form, Input } from "antd";
import type { ReactNode } from "react";
import { lengthOf } from "../../actions/fields.ts";
import { useSpeech } from "../../app/language.tsx";
import { boundsOf, type CategoryValues, isPossible, type QuotaValues } from "../../format/pools.ts";
import "./pools.css";

const MOST_CATEGORIES = 8;
const MOST_FEATURES = 20;
const MOST_NAME = 20;
const MOST_SEATS = 200;
const EMPTY = { feature: "", min: 0, max: 0 };

export const EMPTY_CATEGORY: CategoryValues = { name: "", features: [{ ...EMPTY }, { ...EMPTY }] };

interface QuotasInputProps {
  seats: number;
  /** Names stay as they are; only quotas change. */
  namesStay?: boolean;
}

export function QuotasInput({ seats, namesStay = false }: QuotasInputProps) {
  const { t } = useSpeech();
  return (
    <Form.List name="categories">
      {(rows, { add, remove }) => (
        <div className="stack goals-input">
          {rows.map((row, index) => (
            <fieldset key={row.key} className="goal-input">
              <legend>{t("pool.category", { n: index + 1 })}</legend>
              <NameItem at={[row.name, "name"]} of="categories" label="pool.categoryName" stays={namesStay} />
              <FeaturesInput at={row.name} seats={seats} namesStay={namesStay}>
                {rows.length > 1 && (
                  <Button size="small" danger onClick={() => remove(row.name)}>
                    {t("pool.removeCategory", { n: index + 1 })}
                  </Button>
                )}
              </FeaturesInput>
            </fieldset>
          ))}
          {!namesStay && rows.length < MOST_CATEGORIES && (
            <Button onClick={() => add(EMPTY_CATEGORY)} data-testid="add-category">
              {t("pool.addCategory")}
            </Button>
          )}
        </div>
      )}
    </Form.List>
  );
}

interface FeaturesInputProps {
  at: number;
  seats: number;
  namesStay: boolean;
  /** What may be done with the category as a whole. */
  children: ReactNode;
}

function FeaturesInput({ at, seats, namesStay, children }: FeaturesInputProps) {
  const { t } = useSpeech();
  const features = (Form.useWatch(["categories", at, "features"]) as Partial<QuotaValues>[] | undefined) ?? [];
  const { least, most } = boundsOf(features);
  return (
    <Form.List name={[at, "features"]}>
      {(rows, { add, remove }) => (
        <div className="quota-rows">
          {rows.map((row, index) => (
            <div key={row.key} className="quota-row">
              <NameItem at={[row.name, "feature"]} of={["categories", at, "features"]} label="pool.feature" stays={namesStay} />
              <BoundItem at={[row.name, "min"]} label="pool.least" most={() => Number(features[index]?.max ?? MOST_SEATS)} />
              <BoundItem at={[row.name, "max"]} label="pool.most" most={() => MOST_SEATS} />
              {!namesStay && (
                <Button type="text" danger disabled={rows.length <= 2} onClick={() => remove(row.name)} aria-label={t("pool.removeFeature", { n: index + 1 })}>
                  ×
                </Button>
              )}
            </div>
          ))}
          <p className={isPossible(features, seats) ? "quiet" : "bad"} aria-live="polite">
            {t(isPossible(features, seats) ? "pool.boundsFit" : "pool.boundsMiss", { least, most, seats })}
          </p>
          {!namesStay && (
            <p className="row quota-tools">
              {rows.length < MOST_FEATURES && (
                <Button size="small" onClick={() => add({ ...EMPTY })}>
                  {t("pool.addFeature")}
                </Button>
              )}
              {children}
            </p>
          )}
        </div>
      )}
    </Form.List>
  );
}

interface NameItemProps {
  at: (string | number)[];
  of: string | (string | number)[];
  label: "pool.categoryName" | "pool.feature";
  stays: boolean;
}

/** A name that stands once among its likes. */
function NameItem({ at, of, label, stays }: NameItemProps) {
  const { t } = useSpeech();
  const form = Form.useFormInstance();
  const check = (_: unknown, value: unknown) => {
    const given = String(value ?? "").trim();
    if (lengthOf(given) < 1 || lengthOf(given) > MOST_NAME) return Promise.reject(new Error(t("need.text", { min: 1, max: MOST_NAME })));
    const likes = (form.getFieldValue(of) as Record<string, string>[] | undefined) ?? [];
    const same = likes.filter((one) => (one?.[String(at.at(-1))] ?? "").trim() === given).length;
    return same > 1 ? Promise.reject(new Error(t("pool.nameTwice"))) : Promise.resolve();
  };
  return (
    <Form.Item name={at} label={t(label)} rules={[{ required: true, validator: check }]}>
      <Input disabled={stays} autoComplete="off" />
    </Form.Item>
  );
}

function BoundItem({ at, label, most }: { at: (string | number)[]; label: "pool.least" | "pool.most"; most: () => number }) {
  const { t } = useSpeech();
  const check = (_: unknown, value: unknown) => {
    const number = Number(value);
    const fits = /^\d+$/.test(String(value ?? "").trim()) && number <= MOST_SEATS;
    if (!fits) return Promise.reject(new Error(t("pool.needBound", { max: MOST_SEATS })));
    return number > most() ? Promise.reject(new Error(t("pool.leastAboveMost"))) : Promise.resolve();
  };
  return (
    <Form.Item name={at} label={t(label)} rules={[{ required: true, validator: check }]}>
      <Input type="number" min={0} max={MOST_SEATS} />
    </Form.Item>
  );
}

/** Quotas of a form as the contract has them. */
export function quotasOf(categories: readonly CategoryValues[]) {
  return categories.map(({ name, features }) => ({ name: name.trim(), features: features.map(({ feature, min, max }) => ({ feature: feature.trim(), min: Number(min), max: Number(max) })) }));
}
