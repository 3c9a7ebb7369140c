// Slips of anything that is voted on, given out once and printed at once. The codes are on this page only and nowhere kept.
import type { CallOptions } from "@connectrpc/connect";
import { App, Button } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link, useBlocker } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { dayAndMinute } from "../../format/times.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";
import "../ballots/ballots.css";

interface SlipSheetProps {
  back: { to: string; label: string };
  note: string;
  count: number;
  printed: boolean;
  /** Asks for the codes; the same key again gives the same. */
  make: (options: CallOptions) => Promise<string[]>;
  slip: (code: string, index: number) => ReactNode;
}

export function SlipSheet({ back, note, count, printed, make, slip }: SlipSheetProps) {
  const { t } = useSpeech();
  const { modal } = App.useApp();
  const [codes, setCodes] = useState<string[]>();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  // The same key again gives the same codes, should the first answer be lost on its way.
  const key = useRef(freshKey());
  usePageTitle(t("slips.title"));
  const shown = codes !== undefined;
  useWarning(shown || busy);
  const leaving = useBlocker(shown || busy);
  useEffect(() => {
    // The codes are nowhere else: whoever leaves by mistake has lost them.
    if (leaving.state === "blocked") modal.confirm({ title: t("slips.leaveTitle"), content: t("slips.leave"), okText: t("slips.leaveAnyway"), cancelText: t("state.cancel"), onOk: () => leaving.proceed(), onCancel: () => leaving.reset() });
  }, [leaving, modal, t]);

  const give = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      setCodes(await make({ ...idempotent(key.current), timeoutMs: 60_000 }));
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const ask = () => modal.confirm({ title: t("slips.confirm"), content: t("slips.warning"), okText: t("slips.make", { n: count }), cancelText: t("state.cancel"), onOk: () => void give() });
  return (
    <div className="page slips-page" data-testid="slips-page">
      <div className="no-print stack">
        <Link className="back" to={back.to}>
          {back.label}
        </Link>
        <div className="page-head">
          <h1>{t("slips.title")}</h1>
          <p className="quiet">{t(codes ? "slips.leave" : "slips.warning")}</p>
          <p className="quiet">{note}</p>
        </div>
        {failure && <FailureLine failure={failure} />}
        <div className="row">
          {codes ? (
            <Button type="primary" onClick={() => window.print()} data-testid="print">
              {t("slips.print")}
            </Button>
          ) : (
            <Button type="primary" onClick={ask} loading={busy} disabled={printed} data-testid="make-slips">
              {t("slips.make", { n: count })}
            </Button>
          )}
        </div>
      </div>
      {codes && (
        <ol className="slips">
          {codes.map((code, index) => (
            <li key={code} className="slip">
              {slip(code, index)}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

interface SlipTextProps {
  question: string;
  /** As it is typed. */
  code: string;
  choices?: readonly string[];
  howTo: string;
  votePath: string;
  closesMs: number;
  number?: number | undefined;
  children?: ReactNode;
}

/** What stands on one slip. */
export function SlipText({ question, code, choices = [], howTo, votePath, closesMs, number, children }: SlipTextProps) {
  const { t, language } = useSpeech();
  return (
    <>
      <p className="slip-question">{question}</p>
      <p className="slip-code">{code}</p>
      {choices.length > 0 && (
        <p className="slip-choices">
          {choices.map((choice) => (
            <span key={choice}>□ {choice}</span>
          ))}
        </p>
      )}
      <p className="quiet">
        {howTo}
        <br />
        {window.location.origin}
        {votePath}
        <br />
        {t("slips.until", { time: dayAndMinute(closesMs, language) })}
        {number !== undefined && ` · ${t("slips.number", { n: number })}`}
      </p>
      {children}
    </>
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
