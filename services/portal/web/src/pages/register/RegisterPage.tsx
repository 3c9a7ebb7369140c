// Registering what a resident needs, made for a phone in the hand: what and where, then check, then done.
import { Button } from "antd";
import { useState } from "react";
import { Link } from "react-router";
import { usePageTitle, useSpeech } from "../../app/language.tsx";
import { usePerson } from "../../app/session.tsx";
import { Notice } from "../../components/Notice.tsx";
import type { ProposeFilingResponse, RegisterCaseResponse } from "../../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { CheckStep } from "./CheckStep.tsx";
import { type Draft, emptyDraft } from "./draft.ts";
import { WhatStep } from "./WhatStep.tsx";
import "../lists.css";

type Step =
  | { name: "what"; draft: Draft }
  | { name: "check"; draft: Draft; proposal: ProposeFilingResponse }
  | { name: "done"; answer: RegisterCaseResponse };

export default function RegisterPage() {
  const { t } = useSpeech();
  const { permits } = usePerson();
  const [step, setStep] = useState<Step>({ name: "what", draft: emptyDraft });
  usePageTitle(t("register.title"));
  if (!permits.holds("case.register")) return <Notice title={t("register.noPost")} action={{ label: t("state.home"), to: "/" }} />;
  return (
    <div className="page page-narrow register" data-testid="register" data-step={step.name}>
      <h1>{t("register.title")}</h1>
      {step.name === "what" && <WhatStep draft={step.draft} onNext={(draft, proposal) => setStep({ name: "check", draft, proposal })} />}
      {step.name === "check" && (
        <CheckStep
          draft={step.draft}
          proposal={step.proposal}
          onBack={() => setStep({ name: "what", draft: step.draft })}
          onDone={(answer) => setStep({ name: "done", answer })}
        />
      )}
      {step.name === "done" && <Done answer={step.answer} onAnother={() => setStep({ name: "what", draft: emptyDraft })} />}
    </div>
  );
}

function Done({ answer, onAnother }: { answer: RegisterCaseResponse; onAnother: () => void }) {
  const { t } = useSpeech();
  return (
    <div className="panel">
      <div className="panel-body stack" role="status" data-testid="register-done">
        <p className="done-mark">{answer.joined ? t("register.doneJoined", { n: answer.reporter }) : t("register.doneNew")}</p>
        <p>
          <span className="quiet">{answer.case?.caseNumber}</span>
          <br />
          {answer.case?.title}
        </p>
        <p className="row">
          <Link to={`/case/${answer.case?.caseId ?? ""}`}>{t("register.toCase")}</Link>
          <Button onClick={onAnother}>{t("register.another")}</Button>
        </p>
      </div>
    </div>
  );
}
