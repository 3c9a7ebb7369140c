// Codes of slips, given out once and printed at once, whatever they are for. The codes are on this page only and nowhere kept.
import type { CallOptions } from "@connectrpc/connect";
import { App, Button } from "antd";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Link } from "react-router";
import { useSpeech } from "../../app/language.tsx";
import { FailureLine } from "../../components/Notice.tsx";
import { dayAndMinute } from "../../format/times.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { freshKey, idempotent } from "../../rpc/idempotency.ts";
import "./ballots.css";

interface SlipSheetProps {
  title: string;
  back: { label: string; to: string };
  note: string;
  count: number;
  /** True once they were given out: nobody gets them a second time. */
  given: boolean;
  make: (options: CallOptions) => Promise<{ codes: string[] }>;
  children: (code: string, index: number) => ReactNode;
}

export function SlipSheet({ title, back, note, count, given, make: ask, children }: SlipSheetProps) {
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
      setCodes((await ask({ ...idempotent(key.current), timeoutMs: 60_000 })).codes);
    } catch (thrown) {
      setFailure(failureOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  const confirm = () => modal.confirm({ title: t("slips.confirm"), content: t("slips.warning"), okText: t("slips.make", { n: count }), cancelText: t("state.cancel"), onOk: () => void make() });
  return (
    <div className="page slips-page" data-testid="slips-page">
      <div className="no-print stack">
        <Link className="back" to={back.to}>
          {back.label}
        </Link>
        <div className="page-head">
          <h1>{title}</h1>
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
            <Button type="primary" onClick={confirm} loading={busy} disabled={given} data-testid="make-slips">
              {t("slips.make", { n: count })}
            </Button>
          )}
        </div>
      </div>
      {codes && <ol className="slips">{codes.map(children)}</ol>}
    </div>
  );
}

interface SlipProps {
  question: string;
  code: string;
  choices: readonly string[];
  howTo: string;
  /** Path of the page where the code is typed. */
  path: string;
  until: number;
  number?: number | undefined;
}

export function Slip({ question, code, choices, howTo, path, until, number }: SlipProps) {
  const { t, language } = useSpeech();
  return (
    <li className="slip">
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
        {path}
        <br />
        {t("slips.until", { time: dayAndMinute(until, language) })}
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
