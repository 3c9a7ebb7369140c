// One seat of several, by touch.
import { Radio } from "antd";
import { useSpeech } from "../app/language.tsx";
import { seatInWords } from "../format/meetings.ts";
import type { MeetingSeat } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";

interface SeatInputProps {
  id?: string | undefined;
  seats: readonly MeetingSeat[];
  value?: number | undefined;
  onChange?: ((value: number) => void) | undefined;
}

export function SeatInput({ id, seats, value, onChange }: SeatInputProps) {
  const { language } = useSpeech();
  return (
    <Radio.Group
      id={id}
      className="seat-input"
      optionType="button"
      buttonStyle="solid"
      value={value}
      onChange={(event) => onChange?.(event.target.value as number)}
      options={seats.map((seat) => ({ value: seat.number, label: seatInWords(seat.number, seats, language) }))}
    />
  );
}
