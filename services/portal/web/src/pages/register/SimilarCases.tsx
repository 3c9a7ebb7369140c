// Open cases nearby that may be the same thing; who registers says which are not.
import { Checkbox } from "antd";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { Mark } from "../../components/Mark.tsx";
import { casePhaseTone, casePhaseWord } from "../../format/vocabulary.ts";
import type { Case } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";

interface SimilarCasesProps {
  found: readonly Case[];
  distinct: readonly string[];
  onDistinct: (caseIds: readonly string[]) => void;
}

export function SimilarCases({ found, distinct, onDistinct }: SimilarCasesProps) {
  const { t } = useSpeech();
  const mark = (caseId: string, isDistinct: boolean) => onDistinct(isDistinct ? [...distinct, caseId] : distinct.filter((id) => id !== caseId));
  return (
    <div className="stack">
      <p className="quiet">{t("register.similarNote")}</p>
      <ul className="similar">
        {found.map((one) => (
          <li key={one.caseId}>
            <span className="row">
              <Mark tone={casePhaseTone[one.phase]}>{t(casePhaseWord[one.phase])}</Mark>
              <span className="quiet">{one.caseNumber}</span>
            </span>
            <Link to={`/case/${one.caseId}`} target="_blank">
              {one.title}
            </Link>
            {one.place?.spot && <span className="quiet">{one.place.spot}</span>}
            <Checkbox checked={distinct.includes(one.caseId)} onChange={(event) => mark(one.caseId, event.target.checked)}>
              {t("register.distinct")}
            </Checkbox>
          </li>
        ))}
      </ul>
    </div>
  );
}
