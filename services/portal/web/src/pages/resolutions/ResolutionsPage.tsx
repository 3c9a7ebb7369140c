// The resolutions of a community, newest first, with how far their goals are.
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { EmptyNote, Notice } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { resolutions } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";
import { AreaChoice, DeliberationTabs } from "../topics/DeliberationTabs.tsx";
import { Progress } from "./GoalTable.tsx";
import "../lists.css";
import "../topics/topics.css";

export default function ResolutionsPage() {
  const { t, language } = useSpeech();
  const { permits } = usePerson();
  const { areaName } = useReference();
  const [query, setQuery] = useSearchParams();
  const own = permits.areasOf("topic.read")[0] ?? "";
  const area = query.get("area") || own;
  usePageTitle(t("resolutions.title", { area: areaName(area) }));
  const list = usePages(own === "" ? undefined : `resolutions:${area}`, async (pageToken, signal) => {
    const answer = await resolutions.listResolutions({ areaCode: area, pageSize: 50, pageToken }, { signal });
    return { rows: answer.resolutions, nextPageToken: answer.nextPageToken };
  });
  if (own === "") return <Notice title={t("topics.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  return (
    <div className="page" data-testid="resolutions">
      <DeliberationTabs area={area} />
      <div className="page-head list-head">
        <h1>{t("resolutions.title", { area: areaName(area) })}</h1>
        <div className="list-filters">
          <AreaChoice value={area} onChange={(value) => setQuery({ area: value }, { replace: true })} />
        </div>
      </div>
      <PagedList list={list}>
        {(rows) =>
          rows.length === 0 ? (
            <div className="panel">
              <EmptyNote>{t("resolutions.empty")}</EmptyNote>
            </div>
          ) : (
            <ul className="cards">
              {rows.map((resolution) => (
                <li key={resolution.resolutionId} className="panel card" data-testid={`resolution-${resolution.resolutionId}`}>
                  <h2 className="card-title">
                    <Link to={`/resolutions/${resolution.resolutionId}`}>{resolution.text}</Link>
                  </h2>
                  <p className="quiet">
                    {areaName(resolution.areaCode)} · {t("resolution.adoptedAt", { time: dayAndMinute(msOf(resolution.adoptedAt) ?? 0, language) })}
                  </p>
                  <Progress resolution={resolution} />
                </li>
              ))}
            </ul>
          )
        }
      </PagedList>
    </div>
  );
}
