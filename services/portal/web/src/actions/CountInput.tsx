// Three numbers of a show of hands, large enough for a noisy room; their sum stands beside those present.
import { Button, Input } from "antd";
import { useSpeech } from "../app/language.tsx";
import { totalOf } from "../format/meetings.ts";

export type Counted = Partial<Record<"ayes" | "noes" | "abstentions", number>>;

const NAMES = ["ayes", "noes", "abstentions"] as const;

/** What was entered; what was not is nothing. */
export function countedOf(value: Counted | undefined): Record<(typeof NAMES)[number], number> {
  return { ayes: value?.ayes ?? 0, noes: value?.noes ?? 0, abstentions: value?.abstentions ?? 0 };
}

interface CountInputProps {
  id?: string | undefined;
  present: number;
  value?: Counted | undefined;
  onChange?: ((value: Counted) => void) | undefined;
}

export function CountInput({ id, present, value, onChange }: CountInputProps) {
  const { t } = useSpeech();
  const counted = countedOf(value);
  const over = totalOf(counted) - present;
  const change = (name: (typeof NAMES)[number], number: number) => onChange?.({ ...counted, [name]: Math.max(0, Math.min(200, Number.isNaN(number) ? 0 : Math.floor(number))) });
  return (
    <div className="count-input" id={id}>
      {NAMES.map((name) => {
        const word = t(`count.${name}`);
        return (
          <div key={name} className="count-row">
            <label htmlFor={`${id}-${name}`}>{word}</label>
            <Button aria-label={t("count.less", { name: word })} onClick={() => change(name, counted[name] - 1)} disabled={counted[name] === 0}>
              −
            </Button>
            <Input id={`${id}-${name}`} inputMode="numeric" value={counted[name]} onFocus={(event) => event.target.select()} onChange={(event) => change(name, Number(event.target.value))} />
            <Button aria-label={t("count.more", { name: word })} onClick={() => change(name, counted[name] + 1)}>
              +
            </Button>
          </div>
        );
      })}
      <p className={over > 0 ? "bad" : "quiet"} aria-live="polite" data-testid="count-sum">
        {t("count.sum", { sum: totalOf(counted), present })}
        {over > 0 && ` · ${t("count.tooMany", { n: over })}`}
        {over < 0 && ` · ${t("count.missing", { n: -over })}`}
      </p>
    </div>
  );
}
