// A roll call: what each seat that is taken said. Who was not named has not voted.
import { Radio } from "antd";
import { useSpeech } from "../app/language.tsx";
import { voteWord } from "../format/deliberation.ts";
import { countInWords, seatInWords, totalOf } from "../format/meetings.ts";
import { Choice } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import type { MeetingSeat } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";

export type Said = Readonly<Record<number, Choice>>;

const CHOICES = [Choice.FOR, Choice.AGAINST, Choice.ABSTAIN] as const;

interface RollInputProps {
  id?: string | undefined;
  seats: readonly MeetingSeat[];
  value?: Said | undefined;
  onChange?: ((value: Said) => void) | undefined;
}

export function RollInput({ id, seats, value = {}, onChange }: RollInputProps) {
  const { t, language } = useSpeech();
  const said = Object.values(value);
  const of = (choice: Choice) => said.filter((one) => one === choice).length;
  const count = { ayes: of(Choice.FOR), noes: of(Choice.AGAINST), abstentions: of(Choice.ABSTAIN) };
  const missing = seats.length - totalOf(count);
  return (
    <div className="roll-input" id={id}>
      {seats.map((seat) => (
        <div key={seat.number} className="roll-row">
          <span>{seatInWords(seat.number, seats, language)}</span>
          <Radio.Group
            optionType="button"
            buttonStyle="solid"
            aria-label={seatInWords(seat.number, seats, language)}
            value={value[seat.number]}
            onChange={(event) => onChange?.({ ...value, [seat.number]: event.target.value as Choice })}
            options={CHOICES.map((choice) => ({ value: choice, label: t(voteWord[choice]) }))}
            data-testid={`roll-${seat.number}`}
          />
        </div>
      ))}
      <p className="quiet" aria-live="polite" data-testid="roll-sum">
        {countInWords(count, language)}
        {missing > 0 && ` · ${t("count.missing", { n: missing })}`}
      </p>
    </div>
  );
}
