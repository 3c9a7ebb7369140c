// Every action a person may take: its form, with the limits of the contract, and the call that carries it out.
import type { CallOptions } from "@connectrpc/connect";
import type { WordKey } from "../app/words/index.ts";
import { timestampFromField } from "../format/times.ts";
import { ConsultationOutcome, RefusalDecision, VerificationResult, WhistleKind, WhistleLevel } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { cases, whistles } from "../rpc/clients.ts";

export interface Target {
  caseId: string;
  whistleId: string;
  departmentCode: string;
}

interface FieldBase {
  /** Name in the request message, in its TypeScript form. */
  name: string;
  label: WordKey;
  hint?: WordKey;
  /** Asked only while another field holds this value. */
  when?: { field: string; is: number };
}

export type FieldSpec =
  | (FieldBase & { kind: "text"; min: number; max: number })
  | (FieldBase & { kind: "choice"; options: readonly { value: number; label: WordKey; note?: WordKey }[] })
  | (FieldBase & { kind: "departments"; max: number })
  | (FieldBase & { kind: "time"; withinDays: number })
  | (FieldBase & { kind: "ordinal"; max: number; min?: number })
  | (FieldBase & { kind: "past" })
  | (FieldBase & { kind: "day"; withinDays: number; optional?: true })
  | (FieldBase & { kind: "organization"; without: readonly string[] })
  | (FieldBase & { kind: "area"; within: string })
  | (FieldBase & { kind: "category" })
  | (FieldBase & { kind: "digits"; max: number })
  | (FieldBase & { kind: "digest" })
  | (FieldBase & { kind: "references"; max: number; length: number });

// What a form holds is as loose as any form; each spec reads its own fields and the service checks them again.
export type FormValues = Record<string, unknown>;

export interface ActionSpec<On = Target> {
  title: WordKey;
  note?: WordKey;
  fields: readonly FieldSpec[];
  /** Ends something or turns somebody away. */
  grave?: boolean;
  call: (target: On, values: FormValues, options: CallOptions) => Promise<unknown>;
}

/** True when a field is to be asked for while the form holds these values. */
export function isAsked(field: FieldSpec, values: FormValues | undefined): boolean {
  return !field.when || values?.[field.when.field] === field.when.is;
}

export const text = (name: string, label: WordKey, min: number, max: number, hint?: WordKey): FieldSpec => ({ kind: "text", name, label, min, max, ...(hint && { hint }) });
export const reason = text("reason", "field.reason", 2, 500);
export const words = (values: FormValues, name: string): string => String(values[name] ?? "").trim();
const ofWhistle = ({ whistleId, departmentCode }: Target) => ({ whistleId, departmentCode });

const caseSpecs = {
  AcceptCase: {
    title: "action.AcceptCase",
    note: "action.AcceptCase.note",
    fields: [],
    call: ({ caseId }, _, options) => cases.acceptCase({ caseId }, options),
  },
  ConveneConsultation: {
    title: "action.ConveneConsultation",
    note: "action.ConveneConsultation.note",
    fields: [],
    call: ({ caseId }, _, options) => cases.conveneConsultation({ caseId }, options),
  },
  ConcludeConsultation: {
    title: "action.ConcludeConsultation",
    fields: [
      {
        kind: "choice",
        name: "outcome",
        label: "field.outcome",
        options: [
          { value: ConsultationOutcome.WITHIN_ESTATE, label: "choice.within_estate" },
          { value: ConsultationOutcome.BEYOND_ESTATE, label: "choice.beyond_estate" },
        ],
      },
      text("minutes", "field.minutes", 2, 1000),
    ],
    call: ({ caseId }, values, options) => cases.concludeConsultation({ caseId, outcome: Number(values.outcome), minutes: words(values, "minutes") }, options),
  },
  ClimbCase: {
    title: "action.ClimbCase",
    fields: [reason],
    call: ({ caseId }, values, options) => cases.climbCase({ caseId, reason: words(values, "reason") }, options),
  },
  SettleCase: {
    title: "action.SettleCase",
    fields: [text("summary", "field.summary", 2, 1000)],
    call: ({ caseId }, values, options) => cases.settleCase({ caseId, summary: words(values, "summary") }, options),
  },
  VerifyCase: {
    title: "action.VerifyCase",
    fields: [
      {
        kind: "choice",
        name: "result",
        label: "field.result",
        options: [
          { value: VerificationResult.CONFIRMED, label: "choice.confirmed" },
          { value: VerificationResult.SENT_BACK, label: "choice.sent_back" },
        ],
      },
      text("finding", "field.finding", 2, 500),
    ],
    call: ({ caseId }, values, options) => cases.verifyCase({ caseId, result: Number(values.result), finding: words(values, "finding") }, options),
  },
  VoidCase: {
    title: "action.VoidCase",
    grave: true,
    fields: [reason],
    call: ({ caseId }, values, options) => cases.voidCase({ caseId, reason: words(values, "reason") }, options),
  },
  RequestSuspension: {
    title: "action.RequestSuspension",
    fields: [reason],
    call: ({ caseId }, values, options) => cases.requestSuspension({ caseId, reason: words(values, "reason") }, options),
  },
  ApproveSuspension: {
    title: "action.ApproveSuspension",
    fields: [{ kind: "time", name: "untilAt", label: "field.untilAt", hint: "field.untilHint", withinDays: 90 }],
    call: ({ caseId }, values, options) => {
      const untilAt = timestampFromField(words(values, "untilAt"));
      return cases.approveSuspension({ caseId, ...(untilAt && { untilAt }) }, options);
    },
  },
  RefuseSuspension: {
    title: "action.RefuseSuspension",
    grave: true,
    fields: [reason],
    call: ({ caseId }, values, options) => cases.refuseSuspension({ caseId, reason: words(values, "reason") }, options),
  },
  EraseContact: {
    title: "action.EraseContact",
    note: "action.EraseContact.note",
    grave: true,
    fields: [{ kind: "ordinal", name: "reporter", label: "contact.reporter", max: 1000 }, text("reason", "field.reason", 2, 500, "field.erasureHint")],
    call: ({ caseId }, values, options) => cases.eraseContact({ caseId, reporter: Number(values.reporter), reason: words(values, "reason") }, options),
  },
} satisfies Record<string, ActionSpec>;

const whistleSpecs = {
  SoundWhistle: {
    title: "action.SoundWhistle",
    note: "action.SoundWhistle.note",
    fields: [
      {
        kind: "choice",
        name: "kind",
        label: "field.kind",
        options: [
          { value: WhistleKind.JOINT_ENFORCEMENT, label: "whistle.kind.joint" },
          { value: WhistleKind.PRIORITY_WORK, label: "whistle.kind.priority" },
          { value: WhistleKind.EMERGENCY, label: "whistle.kind.emergency" },
        ],
      },
      {
        kind: "choice",
        name: "level",
        label: "field.level",
        options: [
          { value: WhistleLevel.BLUE, label: "whistle.level.blue", note: "whistle.level.blueNote" },
          { value: WhistleLevel.YELLOW, label: "whistle.level.yellow", note: "whistle.level.yellowNote" },
          { value: WhistleLevel.RED, label: "whistle.level.red", note: "whistle.level.redNote" },
        ],
      },
      { kind: "departments", name: "departmentCodes", label: "field.departments", max: 20 },
      text("request", "field.request", 2, 1000),
    ],
    call: ({ caseId }, values, options) =>
      whistles.soundWhistle(
        {
          caseId,
          kind: Number(values.kind),
          level: Number(values.level),
          departmentCodes: (values.departmentCodes as string[] | undefined) ?? [],
          request: words(values, "request"),
        },
        options,
      ),
  },
  SignFor: {
    title: "action.SignFor",
    note: "action.SignFor.note",
    fields: [],
    call: (target, _, options) => whistles.signFor(ofWhistle(target), options),
  },
  MakeContact: {
    title: "action.MakeContact",
    note: "action.MakeContact.note",
    fields: [],
    call: (target, _, options) => whistles.makeContact(ofWhistle(target), options),
  },
  ReportIn: {
    title: "action.ReportIn",
    note: "action.ReportIn.note",
    fields: [],
    call: (target, _, options) => whistles.reportIn(ofWhistle(target), options),
  },
  FinishSummons: {
    title: "action.FinishSummons",
    fields: [text("summary", "field.summary", 2, 1000)],
    call: (target, values, options) => whistles.finishSummons({ ...ofWhistle(target), summary: words(values, "summary") }, options),
  },
  RefuseSummons: {
    title: "action.RefuseSummons",
    note: "action.RefuseSummons.note",
    grave: true,
    fields: [text("reason", "field.reason", 10, 1000, "field.refusalHint")],
    call: (target, values, options) => whistles.refuseSummons({ ...ofWhistle(target), reason: words(values, "reason") }, options),
  },
  DecideRefusal: {
    title: "action.DecideRefusal",
    fields: [
      {
        kind: "choice",
        name: "decision",
        label: "field.decision",
        options: [
          { value: RefusalDecision.SUMMONS_STANDS, label: "choice.summons_stands" },
          { value: RefusalDecision.EXCUSED, label: "choice.excused" },
        ],
      },
      text("reason", "field.reason", 2, 1000),
    ],
    call: (target, values, options) => whistles.decideRefusal({ ...ofWhistle(target), decision: Number(values.decision), reason: words(values, "reason") }, options),
  },
  AgreeTask: {
    title: "action.AgreeTask",
    fields: [text("task", "field.task", 2, 500)],
    call: (target, values, options) => whistles.agreeTask({ ...ofWhistle(target), task: words(values, "task") }, options),
  },
  HandInEvidence: {
    title: "action.HandInEvidence",
    fields: [text("text", "field.evidence", 2, 1000), { kind: "references", name: "references", label: "field.references", max: 20, length: 300 }],
    call: (target, values, options) => whistles.handInEvidence({ ...ofWhistle(target), text: words(values, "text"), references: linesOf(values.references) }, options),
  },
  OrderRework: {
    title: "action.OrderRework",
    grave: true,
    fields: [reason],
    call: (target, values, options) => whistles.orderRework({ ...ofWhistle(target), reason: words(values, "reason") }, options),
  },
  AcceptResult: {
    title: "action.AcceptResult",
    note: "action.AcceptResult.note",
    fields: [text("summary", "field.achieved", 2, 1000)],
    call: ({ whistleId }, values, options) => whistles.acceptResult({ whistleId, summary: words(values, "summary") }, options),
  },
  WithdrawWhistle: {
    title: "action.WithdrawWhistle",
    grave: true,
    fields: [reason],
    call: ({ whistleId }, values, options) => whistles.withdrawWhistle({ whistleId, reason: words(values, "reason") }, options),
  },
} satisfies Record<string, ActionSpec>;

const specs: Readonly<Record<string, ActionSpec>> = { ...caseSpecs, ...whistleSpecs };

/** The form of an rpc; undefined for one that these pages do not know yet. */
export function specOf(rpc: string): ActionSpec | undefined {
  return Object.hasOwn(specs, rpc) ? specs[rpc] : undefined;
}

/** The non-empty lines of a field. */
export function linesOf(value: unknown): string[] {
  return String(value ?? "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}
