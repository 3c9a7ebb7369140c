// The resolutions of a community, newest first, with how far their goals are.
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { dayAndMinute, msOf } from "../../format/times.ts";
import type { Resolution } from "../../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { resolutions } from "../../rpc/deliberation.ts";
import { AreaList } from "../topics/AreaList.tsx";
import { Progress } from "./GoalTable.tsx";

export default function ResolutionsPage() {
  return (
    <AreaList
      name="resolutions"
      read={async (areaCode, pageToken, signal) => {
        const answer = await resolutions.listResolutions({ areaCode, pageSize: 50, pageToken }, { signal });
        return { rows: answer.resolutions, nextPageToken: answer.nextPageToken };
      }}
      card={(resolution) => <ResolutionCard key={resolution.resolutionId} resolution={resolution} />}
    />
  );
}

function ResolutionCard({ resolution }: { resolution: Resolution }) {
  const { t, language } = useSpeech();
  const { areaName } = useReference();
  return (
    <li className="panel card" data-testid={`resolution-${resolution.resolutionId}`}>
      <h2 className="card-title">
        <Link to={`/resolutions/${resolution.resolutionId}`}>{resolution.text}</Link>
      </h2>
      <p className="quiet">
        {areaName(resolution.areaCode)} · {t("resolution.adoptedAt", { time: dayAndMinute(msOf(resolution.adoptedAt) ?? 0, language) })}
      </p>
      <Progress resolution={resolution} />
    </li>
  );
}
