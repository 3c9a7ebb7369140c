// The funds of a topic: earmarked money that its households decide on.
import { Link } from "react-router";
import { ChoiceBar } from "../../actions/ChoiceBar.tsx";
import { openFund } from "../../actions/fundSpecs.ts";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Mark } from "../../components/Mark.tsx";
import { EmptyNote } from "../../components/Notice.tsx";
import { PagedList } from "../../components/PagedList.tsx";
import { Panel } from "../../components/Panel.tsx";
import { yuanOf } from "../../format/deliberation.ts";
import { fundStatusTone, fundStatusWord } from "../../format/funds.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Fund, FundStatus } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { type Topic, TopicStatus } from "../../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { funds } from "../../rpc/deliberation.ts";
import { usePages } from "../../rpc/usePages.ts";

export function FundsStation({ topic }: { topic: Topic }) {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const list = usePages(`funds:${topic.topicId}`, async (pageToken, signal) => {
    const answer = await funds.listFunds({ topicId: topic.topicId, pageSize: 50, pageToken }, { signal });
    return { rows: answer.funds, nextPageToken: answer.nextPageToken };
  });
  const opens = topic.status === TopicStatus.SCHEDULED && permits.allows("fund.open", topic.areaCode.slice(0, 12));
  // Most topics have no money set apart, so nothing is said of it where nothing can be done.
  if (!opens && !list.failure && !list.rows?.length) return null;
  return (
    <Panel title={t("fund.station")} testId="station-funds">
      <div className="stack">
        <PagedList list={list}>{(rows) => (rows.length === 0 ? <EmptyNote>{t("fund.stationNone")}</EmptyNote> : <ul className="similar">{rows.map((fund) => <FundItem key={fund.fundId} fund={fund} />)}</ul>)}</PagedList>
        {opens && <ChoiceBar choices={[{ rpc: "OpenFund", spec: openFund, target: { topicId: topic.topicId } }]} onDone={list.reload} />}
      </div>
    </Panel>
  );
}

function FundItem({ fund }: { fund: Fund }) {
  const { t, language } = useSpeech();
  const decided = fund.status === FundStatus.DECIDED;
  return (
    <li>
      <span className="row">
        <Mark tone={fundStatusTone[fund.status]}>{t(fundStatusWord[fund.status])}</Mark>
        <Link to={`/funds/${fund.fundId}`}>{t("fund.item", { yuan: yuanOf(fund.amountFen), n: fund.projects.length })}</Link>
      </span>
      <span className="quiet">
        {decided ? t("fund.paidOf", { paid: yuanOf(fund.totalFen), left: yuanOf(fund.amountFen - fund.totalFen) }) : t("fund.until", { time: dayAndMinute(msOf(fund.closesAt) ?? 0, language) })}
      </span>
    </li>
  );
}
