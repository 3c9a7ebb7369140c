// Who may see a fact without a grant, as a mark.
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { classificationNote, classificationTone, classificationWord } from "../../format/exchange.ts";
import type { Classification } from "../../gen/gongzhi/event/v1/event_pb.ts";

export function ClassificationMark({ of }: { of: Classification }) {
  const { t } = useSpeech();
  return (
    <Mark tone={classificationTone[of]} title={t(classificationNote[of])}>
      {t(classificationWord[of])}
    </Mark>
  );
}
