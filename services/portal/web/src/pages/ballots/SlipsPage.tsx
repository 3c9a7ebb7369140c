// The slips of a ballot, given out once and printed at once. The codes are on this page only and nowhere kept.
import { App, Button } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, useParams } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { FailureLine, Notice } from "../../components/Notice.tsx";
import { PageSkeleton } from "../../components/PageSkeleton.tsx";
import { Unreadable } from "../../components/Unreadable.tsx";
import { voteWord } from "../../format/deliberation.ts";
import { dayAndMinute, msOf } from "../../format/times.ts";
import { type Ballot, Choice, Secrecy } from "../../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { ballots } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";
import { useQuery } from "../../rpc/useQuery.ts";
import "./ballots.css";

export default function SlipsPage() {
  const { id = "" } = useParams();
  const { t } = useSpeech();
  const { permits } = usePerson();
  usePageTitle(t("slips.title"));
  const query = useQuery(`ballot:${id}`, async (signal) => {
    const { ballot } = await ballots.getBallot({ ballotId: id }, { signal });
    if (!ballot) throw new TypeError("the answer holds no ballot");
    return ballot;
  });
  if (!query.data) return query.failure ? <Unreadable failure={query.failure} onRetry={query.reload} back={{ label: t("topics.back"), to: "/topics" }} /> : <PageSkeleton blocks={1} />;
  if (!permits.allows("ballot.print", query.data.areaCode)) return <Notice title={t("failure.forbidden")} action={{ label: t("state.back"), to: `/ballots/${id}` }} />;
  return <Slips ballot={query.data} />;
}

function Slips({ ballot }: { ballot: Ballot }) {
  const { t } = useSpeech();
  const { modal } = App.useApp();
  const [codes, setCodes] = useState<string[]>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  // The same key again gives the same codes, should the first answer be lost on its way.
  const key = useRef(freshKey());
  useWarning(codes !== undefined);

  const make = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      setCodes((await ballots.printSlips({ ballotId: ballot.ballotId }, { ...idempotent(key.current), timeoutMs: 60_000 })).codes);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const ask = () => modal.confirm({ title: t("slips.confirm"), content: t("slips.warning"), okText: t("slips.make", { n: ballot.electors }), cancelText: t("state.cancel"), onOk: () => void make() });
  return (
    <div className="page slips-page" data-testid="slips-page">
      <div className="no-print stack">
        <Link className="back" to={`/ballots/${ballot.ballotId}`}>
          {t("ballot.title")}
        </Link>
        <div className="page-head">
          <h1>{t("slips.title")}</h1>
          <p className="quiet">{t(codes ? "slips.leave" : "slips.warning")}</p>
          <p className="quiet">{t("ballot.slipsNote")}</p>
        </div>
        {failure && <FailureLine failure={failure} />}
        <div className="row">
          {codes ? (
            <Button type="primary" onClick={() => window.print()} data-testid="print">
              {t("slips.print")}
            </Button>
          ) : (
            <Button type="primary" onClick={ask} loading={busy} disabled={ballot.slipsPrintedAt !== undefined} data-testid="make-slips">
              {t("slips.make", { n: ballot.electors })}
            </Button>
          )}
        </div>
      </div>
      {codes && (
        <ol className="slips">
          {codes.map((code, index) => (
            <Slip key={code} ballot={ballot} code={code} number={ballot.secrecy === Secrecy.OPEN ? index + 1 : undefined} />
          ))}
        </ol>
      )}
    </div>
  );
}

function Slip({ ballot, code, number }: { ballot: Ballot; code: string; number: number | undefined }) {
  const { t, language } = useSpeech();
  return (
    <li className="slip">
      <p className="slip-question">{ballot.question}</p>
      <p className="slip-code">{code}</p>
      <p className="slip-choices">
        {[Choice.FOR, Choice.AGAINST, Choice.ABSTAIN].map((choice) => (
          <span key={choice}>□ {t(voteWord[choice])}</span>
        ))}
      </p>
      <p className="quiet">
        {t("slips.howTo")}
        <br />
        {window.location.origin}/vote/{ballot.ballotId}
        <br />
        {t("slips.until", { time: dayAndMinute(msOf(ballot.closesAt) ?? 0, language) })}
        {number !== undefined && ` · ${t("slips.number", { n: number })}`}
      </p>
    </li>
  );
}

/** Asks before the page is left while codes stand on it. */
function useWarning(active: boolean): void {
  useEffect(() => {
    if (!active) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [active]);
}
