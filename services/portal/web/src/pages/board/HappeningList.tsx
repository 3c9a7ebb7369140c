// The newest happenings of the area, one line each, newest first.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { eventInWords } from "../../format/events.ts";
import { msOf, lately } from "../../format/times.ts";
import type { Happening } from "../../gen/gongzhi/reporting/v1/reporting_pb.ts";

export function HappeningList({ happenings }: { happenings: readonly Happening[] }) {
  const { t, language } = useSpeech();
  const { areaName, departmentName } = useReference();
  const { permits } = usePerson();
  if (happenings.length === 0) return <EmptyNote>{t("board.happeningsEmpty")}</EmptyNote>;
  const mayOpen = permits.holds("case.read");
  return (
    <ol className="happenings" data-testid="happenings">
      {happenings.map((one, index) => {
        const words = eventInWords(one.fact, language);
        return (
          <li key={`${msOf(one.at)}-${one.fact}-${one.caseId}-${one.departmentCode}-${index}`}>
            <time className="quiet">{lately(msOf(one.at) ?? 0, language)}</time>
            <span>
              {mayOpen && one.caseId ? <Link to={`/case/${one.caseId}`}>{words}</Link> : words}
              {one.departmentCode && <span> · {departmentName(one.departmentCode)}</span>}
              <span className="quiet happening-area">{areaName(one.areaCode.slice(0, 12))}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
