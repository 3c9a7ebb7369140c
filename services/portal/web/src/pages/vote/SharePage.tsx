// What the share of a slip has paid for. The code is typed here and sent, and is never part of an address.
import { Button, type InputRef } from "antd";
import { useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { type Column, DataTable } from "../../components/DataTable.tsx";
import { Panel } from "../../components/Panel.tsx";
import { FUND_CODE, groupedCode, isWholeCode } from "../../format/deliberation.ts";
import { type Exact, exactOf, minus, NOTHING, plus, yuanInWords } from "../../format/exact.ts";
import { type FundNotice, FundStatus, type GetMyShareResponse } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { publicFunds } from "../../rpc/deliberation.ts";
import { failureOf } from "../../rpc/failure.ts";
import { inWords } from "../../rpc/reasons.ts";
import { Figure } from "../funds/OutcomePanel.tsx";
import { CodeField } from "./CodeField.tsx";
import { useFundNotice } from "./FundVotePage.tsx";
import { NotNow } from "./NotNow.tsx";
import { OpenFrame } from "./OpenFrame.tsx";
import { PublicReading } from "./PublicReading.tsx";
import "../funds/funds.css";

export default function SharePage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  usePageTitle(t("share.title"));
  const query = useFundNotice(id);
  return (
    <OpenFrame>
      <h1>{t("share.title")}</h1>
      <PublicReading query={query} none={t("choose.none")}>
        {(notice) =>
          notice.status === FundStatus.DECIDED ? (
            <ShareForm fundId={id} notice={notice} />
          ) : (
            <NotNow title={t("share.notYet")} detail={t("share.notYetNote")} {...(notice.status === FundStatus.PUBLISHED && { way: { to: `/funds/${id}/vote`, label: t("choose.title") } })} />
          )
        }
      </PublicReading>
    </OpenFrame>
  );
}

function ShareForm({ fundId, notice }: { fundId: string; notice: FundNotice }) {
  const { t, language } = useSpeech();
  const [code, setCode] = useState("");
  const [share, setShare] = useState<GetMyShareResponse>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const codeField = useRef<InputRef>(null);

  const show = async () => {
    if (!isWholeCode(code, FUND_CODE)) {
      setProblem(t("choose.codeNeeded"));
      codeField.current?.focus();
      return;
    }
    setBusy(true);
    setProblem("");
    try {
      setShare(await publicFunds.getMyShare({ fundId, code: groupedCode(code, FUND_CODE) }));
    } catch (thrown) {
      const failure = failureOf(thrown);
      setProblem(failure.violations.length > 0 ? t("cast.wrongCode") : inWords(failure, language));
      codeField.current?.focus();
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="panel">
        <div className="panel-body stack">
          <p>{t("share.intro")}</p>
          <CodeField
            ref={codeField}
            value={code}
            shape={FUND_CODE}
            hint={t("choose.codeHint")}
            problem={problem}
            onEnter={() => void show()}
            onChange={(typed) => {
              setCode(typed);
              setProblem("");
              setShare(undefined);
            }}
          />
          <div className="cast-choices">
            <Button type="primary" size="large" loading={busy} onClick={() => void show()} data-testid="show-share">
              {t("share.show")}
            </Button>
          </div>
        </div>
      </div>
      {share && <ShareView fundId={fundId} notice={notice} share={share} />}
    </>
  );
}

interface PaidRow {
  key: string;
  title: string;
  paid: Exact;
}

function ShareView({ fundId, notice, share }: { fundId: string; notice: FundNotice; share: GetMyShareResponse }) {
  const { t, language } = useSpeech();
  const given = exactOf(share.shareYuan);
  const rows = share.payments.map(({ number, yuan }): PaidRow => ({ key: String(number), title: notice.projects.find((project) => project.number === number)?.title ?? String(number), paid: exactOf(yuan) ?? NOTHING }));
  const spent = rows.reduce((sum, row) => plus(sum, row.paid), NOTHING);
  const columns: Column<PaidRow>[] = [
    { key: "project", title: t("fund.project"), render: (row) => `${row.key}. ${row.title}` },
    { key: "paid", title: t("share.paid"), numeric: true, render: (row) => yuanInWords(row.paid, language) },
  ];
  return (
    <Panel title={t("share.paidFor")} testId="share-view">
      <div className="stack" role="status">
        <ul className="key-figures">
          {given && <Figure value={yuanInWords(given, language)} name={t("share.given")} />}
          <Figure value={yuanInWords(spent, language)} name={t("share.spent")} />
          {given && <Figure value={yuanInWords(minus(given, spent), language)} name={t("share.left")} />}
        </ul>
        {rows.length > 0 && <DataTable label={t("share.paidFor")} columns={columns} rows={rows} rowKey={(row) => row.key} />}
        {rows.length === 0 && <p>{t(given ? "share.nothing" : "share.noShares")}</p>}
        {given && <p className="quiet">{t("share.givenNote")}</p>}
        <p className="quiet">{t("share.ballot", { n: share.ballot })}</p>
        <Link to={`/funds/${fundId}/record`}>{t("fund.publicRecord")}</Link>
      </div>
    </Panel>
  );
}
