// Choosing among projects with the code of a slip: no limit on what they cost together, said once more before it is cast.
import { Button, type InputRef } from "antd";
import { useRef, useState } from "react";
import { useSpeech } from "../../app/language.tsx";
import { FUND_CODE, groupedCode, isWholeCode, yuanOf } from "../../format/deliberation.ts";
import { costOf } from "../../format/funds.ts";
import type { FundNotice, FundProject } from "../../gen/gongzhi/deliberation/v1/fund_pb.ts";
import { publicFunds } from "../../rpc/deliberation.ts";
import { type Failure, failureOf } from "../../rpc/failure.ts";
import { IntentKeys, idempotent } from "../../rpc/idempotency.ts";
import { inWords } from "../../rpc/reasons.ts";
import { CodeField } from "./CodeField.tsx";
import "../funds/funds.css";

interface ChooseFormProps {
  fundId: string;
  notice: FundNotice;
  onTaken: (numbers: number[]) => void;
}

export function ChooseForm({ fundId, notice, onTaken }: ChooseFormProps) {
  const { t, language } = useSpeech();
  const [code, setCode] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const codeField = useRef<InputRef>(null);
  const intents = useRef(new IntentKeys());
  const projects = notice.projects.filter((project) => chosen.has(project.number));

  const toggle = (number: number) => setChosen((old) => (old.has(number) ? new Set([...old].filter((one) => one !== number)) : new Set([...old, number])));
  const complain = (words: string) => {
    setProblem(words);
    setAsking(false);
    // The field is there again once the page is drawn anew.
    window.setTimeout(() => codeField.current?.focus(), 0);
  };
  const goOn = () => (isWholeCode(code, FUND_CODE) ? setAsking(true) : complain(t("choose.codeNeeded")));
  const cast = async () => {
    setBusy(true);
    setProblem("");
    try {
      const wanted = { fundId, code: groupedCode(code, FUND_CODE), projects: projects.map((project) => project.number) };
      const answer = await publicFunds.castApprovals(wanted, idempotent(intents.current.keyFor(wanted)));
      onTaken(answer.projects);
    } catch (thrown) {
      complain(saidOf(failureOf(thrown)));
    } finally {
      setBusy(false);
    }
  };
  const saidOf = (failure: Failure) => (failure.violations.some((one) => one.field === "code") ? t("cast.wrongCode") : inWords(failure, language));
  const sum = <p aria-live="polite">{projects.length === 0 ? t("choose.noneYet") : t("choose.sumOf", { n: projects.length, yuan: yuanOf(costOf(projects)), all: yuanOf(notice.amountFen) })}</p>;
  if (asking) {
    return (
      <div className="panel" data-testid="choose-confirm" onKeyDown={(event) => event.key === "Escape" && !busy && setAsking(false)}>
        <div className="panel-body stack">
          <h2>{t("choose.confirmTitle")}</h2>
          {projects.length === 0 ? (
            <p>{t("choose.confirmNone")}</p>
          ) : (
            <ul>
              {projects.map((project) => (
                <li key={project.number}>
                  {project.number}. {project.title} <span className="quiet">{yuanOf(project.costFen)}</span>
                </li>
              ))}
            </ul>
          )}
          {projects.length > 0 && sum}
          <div className="cast-choices">
            <Button type="primary" size="large" loading={busy} onClick={() => void cast()} autoFocus data-testid="cast-approvals">
              {t("choose.cast")}
            </Button>
            <Button size="large" disabled={busy} onClick={() => setAsking(false)}>
              {t("choose.change")}
            </Button>
            <p className="quiet">{t("cast.final")}</p>
          </div>
        </div>
      </div>
    );
  }
  return (
    <>
      <div className="panel" data-testid="choose-form">
        <div className="panel-body stack">
          <p>{t("choose.intro")}</p>
          <CodeField
            ref={codeField}
            value={code}
            shape={FUND_CODE}
            hint={t("choose.codeHint")}
            problem={problem}
            onEnter={goOn}
            onChange={(typed) => {
              setCode(typed);
              setProblem("");
            }}
          />
        </div>
      </div>
      <fieldset className="panel choose-rows-panel">
        <legend className="choose-legend">{t("choose.projects")}</legend>
        <p className="quiet">{t("choose.noLimit")}</p>
        <ul className="choose-rows">
          {notice.projects.map((project) => (
            <li key={project.number}>
              <ChooseRow project={project} checked={chosen.has(project.number)} onToggle={() => toggle(project.number)} />
            </li>
          ))}
        </ul>
      </fieldset>
      <div className="choose-sum">
        {sum}
        <Button type="primary" size="large" onClick={goOn} data-testid="choose-next">
          {t("choose.goOn")}
        </Button>
      </div>
    </>
  );
}

function ChooseRow({ project, checked, onToggle }: { project: FundProject; checked: boolean; onToggle: () => void }) {
  const { t } = useSpeech();
  return (
    <label className="choose-row" data-testid={`choose-${project.number}`}>
      <input type="checkbox" checked={checked} disabled={project.withdrawn} onChange={onToggle} />
      <span className={project.withdrawn ? "choose-title withdrawn" : "choose-title"}>
        {project.number}. {project.title}
      </span>
      <span className="choose-cost">{yuanOf(project.costFen)}</span>
      {project.exclusionGroup && !project.withdrawn && <span className="quiet">{t("choose.group", { group: project.exclusionGroup })}</span>}
      {project.withdrawn && <span className="quiet">{t("fund.withdrawnFor", { reason: project.withdrawalReason })}</span>}
    </label>
  );
}
