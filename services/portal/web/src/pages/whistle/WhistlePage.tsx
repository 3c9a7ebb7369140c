// A whistle by itself, for those who are called: a liaison may read the whistle but not the case.
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { ErrorNotice, StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { JudgeTogether } from "../rooms/JudgeTogether.tsx";
import { useWhistle } from "./useWhistle.ts";
import { WhistleCards } from "./WhistleCards.tsx";

export default function WhistlePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { areaName } = useReference();
  const { permits } = usePerson();
  const { query, stale } = useWhistle(id);
  const whistle = query.data?.whistle;
  const title = whistle && t("whistle.by", { area: areaName(whistle.areaCode) });
  usePageTitle(title);

  if (!whistle) return query.failure ? <ErrorNotice failure={query.failure} onRetry={query.reload} /> : <PageSkeleton blocks={1} />;
  const mayReadCase = permits.allows("case.read", whistle.areaCode);
  return (
    <div className="page" data-testid="whistle-page">
      <StaleLine failure={stale} />
      <h1>{title}</h1>
      <WhistleCards
        whistle={whistle}
        actions={query.data?.actions ?? []}
        onDone={query.reload}
        aside={
          <span className="row">
            {mayReadCase && <Link to={`/case/${whistle.caseId}`}>{t("whistle.toCase")}</Link>}
            <JudgeTogether caseId={whistle.caseId} areaCode={whistle.areaCode} />
          </span>
        }
      />
    </div>
  );
}
