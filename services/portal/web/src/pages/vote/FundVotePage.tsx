// Where a household says which projects it wants: the projects as large rows, what they cost together, once more to make sure, and what was taken. Nobody signs in and nothing is kept.
import { Button } from "antd";
import { useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { useNow } from "../../app/now.ts";
import { Pair, Pairs } from "../../components/Pairs.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { costOf, ruleNote, ruleWord } from "../../format/funds.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type FundNotice, FundStatus } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { publicFunds } from "../../rpc/deliberation.ts";
import { type Query, useQuery } from "../../rpc/useQuery.ts";
import { ChooseForm } from "./ChooseForm.tsx";
import { NotNow } from "./NotNow.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";

/** Reads what everybody may know of a fund. */
export function useFundNotice(fundId: string): Query<FundNotice> {
  return useQuery(`fund-notice:${fundId}`, async (signal) => {
    const { notice } = await publicFunds.getFundNotice({ fundId }, { signal });
    if (!notice) throw new TypeError("the answer holds no notice");
    return notice;
  });
}

export default function FundVotePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("choose.title"));
  const query = useFundNotice(id);
  return (
    <OpenFrame>
      <PublicReading query={query} none={t("choose.none")}>
        {(notice) => (
          <>
            <FundNoticePanel notice={notice} />
            <Booth fundId={id} notice={notice} />
          </>
        )}
      </PublicReading>
    </OpenFrame>
  );
}

function FundNoticePanel({ notice }: { notice: FundNotice }) {
  const { t, language } = useSpeech();
  return (
    <div className="panel" data-testid="fund-notice">
      <div className="panel-body stack">
        <h1>{t("choose.heading", { yuan: yuanOf(notice.amountFen) })}</h1>
        <Pairs>
          <Pair name={t("cast.until")} width="two">
            {dayAndMinute(msOf(notice.closesAt) ?? 0, language)}
          </Pair>
          <Pair name={t("fund.rule")} width="all">
            {t(ruleWord[notice.rule])} <span className="quiet">{t(ruleNote[notice.rule])}</span>
          </Pair>
        </Pairs>
      </div>
    </div>
  );
}

/** Where slips are cast, as long as they are. */
function Booth({ fundId, notice }: { fundId: string; notice: FundNotice }) {
  const { t, language } = useSpeech();
  const now = useNow();
  const [taken, setTaken] = useState<number[]>();
  const closes = msOf(notice.closesAt) ?? 0;
  if (taken) return <Taken fundId={fundId} notice={notice} numbers={taken} onNext={() => setTaken(undefined)} />;
  if (notice.status === FundStatus.DECIDED) return <NotNow title={t("choose.decided")} way={{ to: `/funds/${fundId}/record`, label: t("fund.publicRecord") }} other={{ to: `/funds/${fundId}/share`, label: t("share.title") }} />;
  if (notice.status !== FundStatus.PUBLISHED) return <NotNow title={t("cast.ended", { time: dayAndMinute(closes, language) })} detail={t("choose.computing")} />;
  if (now >= closes) return <NotNow title={t("cast.ended", { time: dayAndMinute(closes, language) })} detail={t("choose.endedNote")} />;
  return <ChooseForm fundId={fundId} notice={notice} onTaken={setTaken} />;
}

interface TakenProps {
  fundId: string;
  notice: FundNotice;
  numbers: readonly number[];
  onNext: () => void;
}

function Taken({ fundId, notice, numbers, onNext }: TakenProps) {
  const { t } = useSpeech();
  const projects = notice.projects.filter((project) => numbers.includes(project.number));
  return (
    <div className="panel" data-testid="approvals-taken">
      <div className="panel-body stack" role="status">
        <p className="cast-taken">{t("choose.taken", { n: projects.length })}</p>
        <ul>
          {projects.map((project) => (
            <li key={project.number}>
              {project.number}. {project.title}
            </li>
          ))}
        </ul>
        {projects.length > 0 && <p className="quiet">{t("choose.sum", { n: projects.length, yuan: yuanOf(costOf(projects)) })}</p>}
        <p>{t("choose.takenNote")}</p>
        <Link to={`/funds/${fundId}/share`}>{t("share.title")}</Link>
        <Button size="large" onClick={onNext}>
          {t("choose.next")}
        </Button>
      </div>
    </div>
  );
}
