// The slips of a fund, one for each household, mixed and drawn.
import { useParams } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { FUND_CODE, groupedCode, yuanOf } from "../../format/deliberation.ts";
import { msOf } from "../../format/times.ts";
import type { Fund } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { funds } from "../../rpc/deliberation.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import { SlipSheet, SlipText } from "../slips/SlipSheet.tsx";

export default function FundSlipsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  const query = useQuery(`fund:${id}`, async (signal) => {
    const { fund } = await funds.getFund({ fundId: id }, { signal });
    if (!fund) throw new TypeError("the answer holds no fund");
    return fund;
  });
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("fund.print", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: `/funds/${id}` }} />;
  return <FundSlips fund={query.data} />;
}

function FundSlips({ fund }: { fund: Fund }) {
  const { t } = useSpeech();
  const yuan = yuanOf(fund.amountFen);
  return (
    <SlipSheet
      back={{ to: `/funds/${fund.fundId}`, label: t("fund.title", { yuan }) }}
      note={t("fund.slipsNote")}
      count={fund.slips}
      printed={fund.slipsPrintedAt !== undefined}
      make={async (options) => (await funds.printFundSlips({ fundId: fund.fundId }, options)).codes}
      slip={(code) => (
        <SlipText question={t("fund.slipQuestion", { yuan })} code={groupedCode(code, FUND_CODE)} howTo={t("fund.slipHowTo")} votePath={`/funds/${fund.fundId}/vote`} closesMs={msOf(fund.closesAt) ?? 0}>
          <p className="quiet">
            {t("fund.slipKeep")}
            <br />
            {window.location.origin}/funds/{fund.fundId}/share
          </p>
        </SlipText>
      )}
    />
  );
}
