// The facts of a case: description, place, reporters, dates.
import type { ReactNode } from "react";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { Panel } from "../../components/Panel.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Case, Urgency } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { useReference } from "../../app/reference.tsx";
import { useGridName, usePlaceName } from "./usePlaceName.ts";

export function CaseFacts({ found }: { found: Case }) {
  const { t, language } = useSpeech();
  const { categoryName } = useReference();
  const community = found.place?.areaCode.slice(0, 12) ?? "";
  const place = usePlaceName(found.place?.areaCode ?? "");
  const grid = useGridName(found.place?.gridId ?? "");
  const closed = msOf(found.closedAt);
  return (
    <Panel title={t("case.facts")} className="case-facts">
      <dl className="facts">
        <Fact term={t("case.description")} wide>
          {found.description || <span className="quiet">{t("case.noDescription")}</span>}
        </Fact>
        <Fact term={t("case.place")} wide>
          <Link to={`/board/${community}`}>{place}</Link>
          {found.place?.spot && <span> · {found.place.spot}</span>}
        </Fact>
        <Fact term={t("case.grid")}>{grid || <span className="quiet">{t("case.gridNone")}</span>}</Fact>
        <Fact term={t("case.reporters")}>{t("case.reportersCount", { n: found.reporterCount })}</Fact>
        <Fact term={t("case.category")}>{categoryName(found.categoryCode)}</Fact>
        <Fact term={t("register.urgency")}>{t(found.urgency === Urgency.URGENT ? "case.urgent" : "case.normal")}</Fact>
        <Fact term={t("case.registeredAt")}>{dayAndMinute(msOf(found.registeredAt) ?? 0, language)}</Fact>
        {closed !== undefined && <Fact term={t("case.closedAt")}>{dayAndMinute(closed, language)}</Fact>}
      </dl>
    </Panel>
  );
}

function Fact({ term, wide, children }: { term: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={wide ? "fact fact-wide" : "fact"}>
      <dt className="quiet">{term}</dt>
      <dd className="prewrap">{children}</dd>
    </div>
  );
}
