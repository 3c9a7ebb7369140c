// What may be done with procedures of four deliberations and two publications.
import { Body } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { type Procedure, ProcedureStep } from "../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { STEPS } from "../format/procedures.ts";
import { procedures } from "../rpc/deliberation.ts";
import { type ActionSpec, type FieldSpec, type FormValues, text, words } from "./specs.ts";
import type { TopicTarget } from "./deliberationSpecs.ts";

/** A village or community has no more people than that. */
const MOST_HEADS = 100_000;
/** Days within which the service may let a result be due; what holds for the procedure is its own affair. */
const RESULT_DAYS = 731;
const APART = 1;
const TOGETHER = 2;

const ATTACHMENT: FieldSpec = { kind: "digest", name: "attachmentSha256", label: "field.attachment", optional: true };

export interface ProcedureTarget {
  procedureId: string;
}

export const openProcedure: ActionSpec<TopicTarget> = {
  title: "action.OpenProcedure",
  note: "action.OpenProcedure.note",
  fields: [
    {
      kind: "choice",
      name: "body",
      label: "field.procedureBody",
      options: [
        { value: Body.RESIDENTS_REPRESENTATIVES, label: "body.residents_representatives" },
        { value: Body.RESIDENTS, label: "body.residents" },
        { value: Body.VILLAGERS_REPRESENTATIVES, label: "body.villagers_representatives" },
        { value: Body.VILLAGERS, label: "body.villagers" },
      ],
    },
  ],
  call: ({ topicId }, values, options) => procedures.openProcedure({ topicId, body: Number(values.body) }, options),
};

/** Records the step that is next. Only the first one may be held together with the second, and then it needs the notice of both. */
export function recordStep(procedure: Procedure): ActionSpec<ProcedureTarget> {
  const step = procedure.nextStep;
  const first = step === ProcedureStep.PROPOSAL;
  const noticeOf = (one: ProcedureStep) => procedure.thresholds.find((threshold) => threshold.step === one)?.noticeDays ?? 0;
  const announced: FieldSpec = { kind: "pastDay", name: "announcedOn", label: "field.announcedOn", hint: "field.announcedHint" };
  const fields: FieldSpec[] = [{ kind: "pastDay", name: "heldOn", label: "field.heldOn" }];
  if (noticeOf(step) > 0) fields.push(announced);
  if (first) {
    fields.push({ kind: "choice", name: "together", label: "field.together", options: [{ value: APART, label: "field.together.no" }, { value: TOGETHER, label: "field.together.yes" }] });
    fields.push({ ...text("mergeReason", "field.mergeReason", 5, 200), when: { field: "together", is: TOGETHER } });
    if (noticeOf(step) === 0 && noticeOf(STEPS[1]) > 0) fields.push({ ...announced, when: { field: "together", is: TOGETHER } });
  }
  fields.push(
    { kind: "whole", name: "entitled", label: "field.entitled", min: 1, max: MOST_HEADS },
    { kind: "whole", name: "present", label: "field.presentHeads", min: 0, max: MOST_HEADS, atMost: { field: "entitled", else: "need.presentHeads" } },
    { kind: "whole", name: "inFavour", label: "field.inFavour", min: 0, max: MOST_HEADS, atMost: { field: "present", else: "need.inFavour" } },
    text("text", "field.stepText", 10, 2000),
    ATTACHMENT,
  );
  return {
    title: "action.RecordProcedureStep",
    note: "action.RecordProcedureStep.note",
    fields,
    ...(first && { initial: { together: APART } }),
    call: ({ procedureId }, values, options) => {
      const record = {
        step,
        heldOn: words(values, "heldOn"),
        announcedOn: words(values, "announcedOn"),
        entitled: Number(values.entitled),
        present: Number(values.present),
        inFavour: Number(values.inFavour),
        text: words(values, "text"),
        attachmentSha256: words(values, "attachmentSha256"),
        mergeReason: values.together === TOGETHER ? words(values, "mergeReason") : "",
      };
      return procedures.recordProcedureStep({ procedureId, record }, options);
    },
  };
}

const DISCLOSURE: readonly FieldSpec[] = [{ kind: "pastDay", name: "disclosedOn", label: "field.disclosedOn" }, text("text", "field.disclosureText", 5, 2000), ATTACHMENT];

function disclosureOf(values: FormValues) {
  return { disclosedOn: words(values, "disclosedOn"), text: words(values, "text"), attachmentSha256: words(values, "attachmentSha256") };
}

export const discloseDecision: ActionSpec<ProcedureTarget> = {
  title: "action.DiscloseDecision",
  note: "action.DiscloseDecision.note",
  fields: [...DISCLOSURE, { kind: "day", name: "resultDueOn", label: "field.resultDueOn", withinDays: RESULT_DAYS }],
  call: ({ procedureId }, values, options) => procedures.discloseDecision({ procedureId, disclosure: disclosureOf(values), resultDueOn: words(values, "resultDueOn") }, options),
};

export const discloseResult: ActionSpec<ProcedureTarget> = {
  title: "action.DiscloseResult",
  note: "action.DiscloseResult.note",
  fields: DISCLOSURE,
  call: ({ procedureId }, values, options) => procedures.discloseResult({ procedureId, disclosure: disclosureOf(values) }, options),
};
