// Seats by party: its name, its block, how many. Numbers are given in the order of the rows.
import { Button, Form, Input, Segmented } from "antd";
import { rulesOf } from "../../actions/fields.ts";
import type { FieldSpec } from "../../actions/specs.ts";
import { useSpeech } from "../../app/language.tsx";
import { blockWord, problemOfSeats } from "../../format/meetings.ts";
import { SeatBlock } from "../../gen/gongzhi/deliberation/v1/meeting_pb.ts";

export interface GivenRow {
  party: string;
  block: SeatBlock;
  seats: string;
}

const MOST_ROWS = 20;
const PARTY: FieldSpec = { kind: "text", name: "party", label: "convene.party", min: 1, max: 20 };
const COUNT: FieldSpec = { kind: "ordinal", name: "seats", label: "convene.count", max: 200 };
const BLOCKS = [SeatBlock.STATE, SeatBlock.SOCIAL] as const;

export function SeatRows() {
  const { t, language } = useSpeech();
  const given = (Form.useWatch("seats") as Partial<GivenRow>[] | undefined) ?? [];
  const counts = given.map((row) => Math.max(0, Number(row?.seats) || 0));
  const before = (at: number) => counts.slice(0, at).reduce((sum, n) => sum + n, 0);
  const of = (block: SeatBlock) => counts.filter((_, at) => given[at]?.block === block).reduce((sum, n) => sum + n, 0);
  const numbers = (at: number) => {
    const [from, to] = [before(at) + 1, before(at) + (counts[at] ?? 0)];
    return to < from ? "" : t(to === from ? "convene.number" : "convene.numbers", { from, to });
  };
  return (
    <Form.List name="seats" rules={[{ validator: (_, rows) => judge(rows as GivenRow[], (problem) => t(`convene.problem.${problem}`)) }]}>
      {(rows, { add, remove }, { errors }) => (
        <div className="stack seat-rows">
          <h2>{t("convene.seats")}</h2>
          {rows.map((row, at) => (
            <div key={row.key} role="group" aria-label={t("convene.row", { n: at + 1 })} className="seat-row" data-testid={`party-${at}`}>
              <Form.Item name={[row.name, "party"]} label={t("convene.party")} rules={rulesOf(PARTY, language)}>
                <Input maxLength={40} />
              </Form.Item>
              <Form.Item name={[row.name, "block"]} label={t("convene.block")}>
                <Segmented block options={BLOCKS.map((value) => ({ value, label: t(blockWord[value]) }))} />
              </Form.Item>
              <Form.Item name={[row.name, "seats"]} label={t("convene.count")} rules={rulesOf(COUNT, language)} extra={numbers(at)}>
                <Input type="number" inputMode="numeric" min={1} max={200} />
              </Form.Item>
              {rows.length > 2 && (
                <Button danger onClick={() => remove(row.name)} aria-label={`${t("convene.removeRow")} ${t("convene.row", { n: at + 1 })}`}>
                  {t("convene.removeRow")}
                </Button>
              )}
            </div>
          ))}
          {rows.length < MOST_ROWS && (
            <Button onClick={() => add({ block: SeatBlock.SOCIAL, seats: "1" })} data-testid="add-party">
              {t("convene.addRow")}
            </Button>
          )}
          <p aria-live="polite" data-testid="seats-total">
            {t("convene.total", { n: before(counts.length), state: of(SeatBlock.STATE), social: of(SeatBlock.SOCIAL) })}
          </p>
          <Form.ErrorList errors={errors} />
        </div>
      )}
    </Form.List>
  );
}

async function judge(rows: readonly GivenRow[] | undefined, words: (problem: "count" | "blocks" | "party") => string): Promise<void> {
  const problem = problemOfSeats((rows ?? []).map((row) => ({ party: row?.party ?? "", block: row?.block, seats: Number(row?.seats) || 0 })));
  if (problem) throw new Error(words(problem));
}
