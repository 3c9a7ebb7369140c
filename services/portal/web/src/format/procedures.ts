// Phrases of procedures (四议两公开), and their six stations.
import type { WordKey } from "../app/words/index.ts";
import { type Disclosure, DisclosureKind, type Procedure, ProcedureStatus, ProcedureStep, type ProcedureThreshold, type StepRecord } from "../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import type { Tone } from "./vocabulary.ts";

export const procedureStatusWord: Record<ProcedureStatus, WordKey> = {
  [ProcedureStatus.UNSPECIFIED]: "state.unknown",
  [ProcedureStatus.OPEN]: "procedure.status.open",
  [ProcedureStatus.FAILED]: "procedure.status.failed",
  [ProcedureStatus.RESOLVED]: "procedure.status.resolved",
  [ProcedureStatus.DECISION_DISCLOSED]: "procedure.status.decision_disclosed",
  [ProcedureStatus.RESULT_DISCLOSED]: "procedure.status.result_disclosed",
};
export const procedureStatusTone: Record<ProcedureStatus, Tone> = {
  [ProcedureStatus.UNSPECIFIED]: "neutral",
  [ProcedureStatus.OPEN]: "active",
  [ProcedureStatus.FAILED]: "warn",
  [ProcedureStatus.RESOLVED]: "active",
  [ProcedureStatus.DECISION_DISCLOSED]: "active",
  [ProcedureStatus.RESULT_DISCLOSED]: "good",
};
export const stepWord: Record<ProcedureStep, WordKey> = {
  [ProcedureStep.UNSPECIFIED]: "state.unknown",
  [ProcedureStep.PROPOSAL]: "procedure.step.proposal",
  [ProcedureStep.CONSULTATION]: "procedure.step.consultation",
  [ProcedureStep.REVIEW]: "procedure.step.review",
  [ProcedureStep.RESOLUTION]: "procedure.step.resolution",
};
export const disclosureWord: Record<DisclosureKind, WordKey> = {
  [DisclosureKind.UNSPECIFIED]: "state.unknown",
  [DisclosureKind.DECISION]: "procedure.disclosure.decision",
  [DisclosureKind.RESULT]: "procedure.disclosure.result",
};

export const STEPS = [ProcedureStep.PROPOSAL, ProcedureStep.CONSULTATION, ProcedureStep.REVIEW, ProcedureStep.RESOLUTION] as const;
const DECISION_OF: readonly ProcedureStatus[] = [ProcedureStatus.RESOLVED, ProcedureStatus.DECISION_DISCLOSED, ProcedureStatus.RESULT_DISCLOSED];

/** True once it has resolved something: that can be a basis of a resolution. */
export function isResolved(procedure: Pick<Procedure, "status">): boolean {
  return DECISION_OF.includes(procedure.status);
}

export type StationState = "passed" | "failed" | "here" | "ahead";

export type Station = { key: string; word: WordKey; state: StationState; on: string } & (
  | { step: ProcedureStep; threshold: ProcedureThreshold | undefined; record: StepRecord | undefined; /** Held together with the first step. */ merged: boolean }
  | { disclosure: DisclosureKind; made: Disclosure | undefined; dueOn: string; overdue: boolean }
);

/** The four steps and the two publications in their order, with what is known of each. */
export function stationsOf(procedure: Procedure): Station[] {
  const merged = procedure.records.find((record) => record.step === ProcedureStep.PROPOSAL && record.mergeReason !== "");
  const steps = STEPS.map((step): Station => {
    const together = step === ProcedureStep.CONSULTATION && merged !== undefined;
    const record = together ? merged : procedure.records.find((one) => one.step === step);
    const state = record ? (record.passed ? "passed" : "failed") : step === procedure.nextStep ? "here" : "ahead";
    return { key: `step-${step}`, word: stepWord[step], state, on: record?.heldOn ?? "", step, threshold: procedure.thresholds.find((one) => one.step === step), record, merged: together };
  });
  const publication = (disclosure: DisclosureKind, made: Disclosure | undefined, dueOn: string, now: ProcedureStatus): Station => {
    const state = made ? "passed" : procedure.status === now ? "here" : "ahead";
    return { key: `disclosure-${disclosure}`, word: disclosureWord[disclosure], state, on: made?.disclosedOn ?? "", disclosure, made, dueOn, overdue: !made && procedure.overdue.includes(disclosure) };
  };
  return [
    ...steps,
    publication(DisclosureKind.DECISION, procedure.decision, procedure.decisionDueOn, ProcedureStatus.RESOLVED),
    publication(DisclosureKind.RESULT, procedure.result, procedure.resultDueOn, ProcedureStatus.DECISION_DISCLOSED),
  ];
}
