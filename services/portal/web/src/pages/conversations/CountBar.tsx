// How many agree, pass and disagree, as one bar with the numbers as text.
import { useSpeech } from "../../app/language.tsx";
import { countsInWords } from "../../format/opinions.ts";
import type { MapCount } from "../../gen/gongzhi/deliberation/v1/conversation_pb.ts";

export function CountBar({ count }: { count: MapCount | undefined }) {
  const { language } = useSpeech();
  const part = (n: number) => ({ flexGrow: n });
  return (
    <div className="counts">
      {count && (
        <span className="counts-bar" aria-hidden="true">
          <span className="counts-agree" style={part(count.agree)} />
          <span className="counts-pass" style={part(count.all - count.agree - count.disagree)} />
          <span className="counts-disagree" style={part(count.disagree)} />
        </span>
      )}
      <span className="quiet">{countsInWords(count, language)}</span>
    </div>
  );
}
