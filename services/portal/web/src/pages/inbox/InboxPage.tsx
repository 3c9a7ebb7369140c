// The inbox of those who are called and of those who decide refusals: whistles with the clock that matters next.
import { Button, Segmented } from "antd";
import { useState } from "react";
import { Link, useSearchParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useReference } from "../../app/reference.tsx";
import { usePerson } from "../../app/session.tsx";
import { ClockPhrase } from "../../components/ClockLine.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote, ErrorNotice, FailureLine, Notice, StaleLine } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { nearestClock } from "../../format/clocks.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { summonsPhaseTone, summonsPhaseWord, whistleKindWord, whistleLevelWord, whistlePhaseTone, whistlePhaseWord } from "../../format/vocabulary.ts";
import { SummonsPhase, type Whistle } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { whistles } from "../../rpc/clients.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { useVisiblePoll } from "../../rpc/useVisiblePoll.ts";
import "../lists.css";

type Filter = "open" | "refused" | "all";
const POLL_MS = 10_000;

export default function InboxPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const { departmentName } = useReference();
  const [query, setQuery] = useSearchParams();
  const [pages, setPages] = useState(1);
  usePageTitle(t("inbox.title"));

  const department = permits.departments()[0] ?? "";
  const area = permits.areasOf("whistle.read")[0];
  const isArbiter = permits.holds("whistle.arbitrate");
  const filter = filterOf(query.get("show"), isArbiter);
  const key = area && `inbox:${area}:${department}:${filter}:${pages}`;
  const read = (signal: AbortSignal) => readWhistles(area ?? "", department, filter, pages, signal);
  const list = useQuery(key, read);
  const stale = useVisiblePoll(list.data !== undefined, POLL_MS, async (signal) => list.replace(await read(signal)));

  if (!area) return <Notice title={t("inbox.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  const choices: Filter[] = department && !isArbiter ? ["open", "all"] : ["open", "refused", "all"];
  return (
    <div className="page" data-testid="inbox">
      <div className="page-head list-head">
        <h1>{t("inbox.title")}</h1>
        {department && <p className="quiet">{t("inbox.forDepartment", { department: departmentName(department) })}</p>}
        <Segmented<Filter>
          value={filter}
          onChange={(show) => setQuery({ show }, { replace: true })}
          options={choices.map((value) => ({ value, label: t(`inbox.${value}`) }))}
        />
      </div>
      <StaleLine failure={stale} />
      {list.failure && list.data && <FailureLine failure={list.failure} onRetry={list.reload} />}
      {!list.data && (list.failure ? <ErrorNotice failure={list.failure} onRetry={list.reload} /> : <PageSkeleton blocks={2} />)}
      {list.data?.whistles.length === 0 && (
        <div className="panel">
          <EmptyNote>{t(filter === "refused" ? "inbox.refusedEmpty" : "inbox.empty")}</EmptyNote>
        </div>
      )}
      <ul className="cards">
        {list.data?.whistles.map((whistle) => (
          <InboxCard key={whistle.whistleId} whistle={whistle} department={department} />
        ))}
      </ul>
      {list.data?.hasMore && (
        <Button onClick={() => setPages((n) => n + 1)} loading={list.loading}>
          {t("state.more")}
        </Button>
      )}
    </div>
  );
}

function InboxCard({ whistle, department }: { whistle: Whistle; department: string }) {
  const { t, language } = useSpeech();
  const { areaName, departmentName } = useReference();
  const own = whistle.summonses.filter((one) => department === "" || one.departmentCode === department);
  const atWork = own.filter((one) => one.phase !== SummonsPhase.DONE && one.phase !== SummonsPhase.EXCUSED);
  const nearest = nearestClock(atWork.flatMap((one) => one.clocks));
  return (
    <li className="panel card" data-testid={`inbox-${whistle.whistleId}`}>
      <p className="row">
        <Mark tone={whistlePhaseTone[whistle.phase]}>{t(whistlePhaseWord[whistle.phase])}</Mark>
        <span>{t(whistleKindWord[whistle.kind])}</span>
        <span className="quiet">{t(whistleLevelWord[whistle.level])}</span>
        <span className="card-clock">{nearest ? <ClockPhrase clock={nearest} /> : <span className="quiet">{t("inbox.noClock")}</span>}</span>
      </p>
      <h2 className="card-title">
        <Link to={`/whistle/${whistle.whistleId}`}>{whistle.request}</Link>
      </h2>
      <p className="quiet">
        {t("whistle.by", { area: areaName(whistle.areaCode) })} · {dayAndMinute(msOf(whistle.soundedAt) ?? 0, language)}
      </p>
      <ul className="row card-summonses">
        {own.map((one) => (
          <li key={one.departmentCode}>
            {department === "" && <span>{departmentName(one.departmentCode)} </span>}
            <Mark tone={summonsPhaseTone[one.phase]}>{t(summonsPhaseWord[one.phase])}</Mark>
            {one.supervised && <Mark tone="bad">{t("summons.supervised")}</Mark>}
            {one.refusalReason && <Mark tone="warn">{t("summons.refusal")}</Mark>}
          </li>
        ))}
      </ul>
    </li>
  );
}

function filterOf(value: string | null, isArbiter: boolean): Filter {
  if (value === "open" || value === "refused" || value === "all") return value;
  return isArbiter ? "refused" : "open";
}

async function readWhistles(areaCode: string, departmentCode: string, filter: Filter, pages: number, signal: AbortSignal) {
  const found: Whistle[] = [];
  let pageToken = "";
  for (let page = 0; page < pages; page += 1) {
    const request = { areaCode, departmentCode, openOnly: filter !== "all", refusedOnly: filter === "refused", pageSize: 50, pageToken };
    const answer = await whistles.listWhistles(request, { signal });
    found.push(...answer.whistles);
    pageToken = answer.nextPageToken;
    if (pageToken === "") break;
  }
  return { whistles: found, hasMore: pageToken !== "" };
}
