// A resolution: what was resolved, on what it rests, and promise against result.
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { Panel } from "../../components/Panel.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Basis } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { resolutions } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { basisInWords, basisLink } from "./basis.ts";
import { GoalTable, Progress } from "./GoalTable.tsx";
import "../lists.css";
import "../topics/topics.css";

export default function ResolutionPage() {
  const { id = "" } = useParams();
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  const query = useQuery(`resolution:${id}`, async (signal) => {
    const { resolution } = await resolutions.getResolution({ resolutionId: id }, { signal });
    if (!resolution) throw new TypeError("the answer holds no resolution");
    return resolution;
  });
  usePageTitle(t("resolution.title"));
  const resolution = query.data;
  if (!resolution) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("resolutions.back"), to: "/resolutions" }} /> : <PageSkeleton />;
  return (
    <div className="page" data-testid="resolution-page">
      <Link className="back" to={`/resolutions?area=${resolution.areaCode}`}>
        {t("resolutions.back")}
      </Link>
      <div className="page-head">
        <h1>{t("resolution.title")}</h1>
        <p className="quiet">
          {areaName(resolution.areaCode)} · {t("resolution.adoptedAt", { time: dayAndMinute(msOf(resolution.adoptedAt) ?? 0, language) })}
        </p>
      </div>
      <Panel title={t("resolution.text")}>
        <div className="stack">
          <p className="topic-question prewrap">{resolution.text}</p>
          <Pairs>
            <Pair name={t("resolution.topic")}>
              <Link to={`/topics/${resolution.topicId}`}>{t("ballot.back")}</Link>
            </Pair>
            <Pair name={t("resolution.basis")} testId="basis">
              <BasisWords basis={resolution.basis} />
            </Pair>
          </Pairs>
        </div>
      </Panel>
      <Panel title={t("resolution.table")} aside={<Progress resolution={resolution} />} testId="goals">
        <GoalTable resolution={resolution} onDone={query.reload} />
      </Panel>
    </div>
  );
}

function BasisWords({ basis }: { basis: Basis | undefined }) {
  const { t, language } = useSpeech();
  if (!basis) return t("state.unknown");
  const [to, words] = [basisLink(basis.basis), basisInWords(basis.basis, language)];
  return to ? <Link to={to}>{words}</Link> : words;
}
