// What may be done with topics, agendas, ballots and resolutions: forms with the limits of the contract, and the calls that carry them out.
import { timestampFromField } from "../format/times.ts";
import { Body, Secrecy } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { GoalStatus } from "../gen/gongzhi/deliberation/v1/resolution_pb.ts";
import { GateKind } from "../gen/gongzhi/deliberation/v1/topic_pb.ts";
import { agendas, ballots, resolutions, topics } from "../rpc/deliberation.ts";
import { type ActionSpec, type FieldSpec, text, words } from "./specs.ts";

const TITLE = text("title", "field.topicTitle", 2, 60);
const QUESTION = text("question", "field.topicQuestion", 5, 500);
const PUBLIC_REASON = text("reason", "field.publicReason", 10, 500);

export interface TopicTarget {
  topicId: string;
}

/** Proposes a topic in an area. */
export function proposeTopic(within: string): ActionSpec<object> {
  return {
    title: "action.ProposeTopic",
    note: "action.ProposeTopic.note",
    fields: [TITLE, QUESTION, { kind: "area", name: "areaCode", label: "field.place", within }, { kind: "category", name: "categoryCode", label: "field.category" }],
    call: (_, values, options) =>
      topics.proposeTopic({ areaCode: words(values, "areaCode"), title: words(values, "title"), question: words(values, "question"), categoryCode: words(values, "categoryCode") }, options),
  };
}

export const wordTopic: ActionSpec<TopicTarget> = {
  title: "action.WordTopic",
  note: "action.ProposeTopic.note",
  fields: [TITLE, QUESTION],
  call: ({ topicId }, values, options) => topics.wordTopic({ topicId, title: words(values, "title"), question: words(values, "question") }, options),
};

/** Notes the support of a household that lives in the community of the topic. */
export function supportTopic(community: string): ActionSpec<TopicTarget> {
  return {
    title: "action.SupportTopic",
    note: "action.SupportTopic.note",
    fields: [text("household", "field.household", 1, 40, "field.householdHint"), { kind: "area", name: "buildingCode", label: "field.building", within: community }],
    call: ({ topicId }, values, options) => topics.supportTopic({ topicId, household: words(values, "household"), buildingCode: words(values, "buildingCode") }, options),
  };
}

export const gateTopic: ActionSpec<TopicTarget> = {
  title: "action.GateTopic",
  note: "action.GateTopic.note",
  fields: [
    {
      kind: "choice",
      name: "kind",
      label: "field.gateKind",
      options: [
        { value: GateKind.SAFETY, label: "topic.gate.safety" },
        { value: GateKind.LEGAL_DEADLINE, label: "topic.gate.legal" },
      ],
    },
    { kind: "day", name: "dueOn", label: "field.gateDue", withinDays: 3650 },
    text("source", "field.gateSource", 2, 200),
  ],
  call: ({ topicId }, values, options) => topics.gateTopic({ topicId, gate: { kind: Number(values.kind), dueOn: words(values, "dueOn"), source: words(values, "source") } }, options),
};

export const mergeTopic: ActionSpec<TopicTarget & { intoTopicId: string }> = {
  title: "action.MergeTopic",
  note: "action.MergeTopic.note",
  grave: true,
  fields: [text("reason", "field.publicReason", 2, 500)],
  call: ({ topicId, intoTopicId }, values, options) => topics.mergeTopic({ topicId, intoTopicId, reason: words(values, "reason") }, options),
};

export const declineTopic: ActionSpec<TopicTarget> = {
  title: "action.DeclineTopic",
  note: "action.DeclineTopic.note",
  grave: true,
  fields: [PUBLIC_REASON],
  call: ({ topicId }, values, options) => topics.declineTopic({ topicId, reason: words(values, "reason") }, options),
};

export const drawUpAgenda: ActionSpec<{ areaCode: string }> = {
  title: "action.DrawUpAgenda",
  note: "action.DrawUpAgenda.note",
  fields: [
    text("title", "field.agendaTitle", 2, 60),
    { kind: "time", name: "meetsAt", label: "field.meetsAt", withinDays: 366 },
    { kind: "ordinal", name: "places", label: "field.agendaPlaces", max: 20 },
    text("lotSource", "field.lotSource", 2, 200, "field.lotSourceHint"),
  ],
  call: ({ areaCode }, values, options) => {
    const meetsAt = timestampFromField(words(values, "meetsAt"));
    return agendas.drawUpAgenda({ areaCode, title: words(values, "title"), ...(meetsAt && { meetsAt }), places: Number(values.places), lotSource: words(values, "lotSource") }, options);
  },
};

export interface AgendaTarget {
  agendaId: string;
}

export const drawAgendaLot: ActionSpec<AgendaTarget> = {
  title: "action.DrawAgendaLot",
  note: "action.DrawAgendaLot.note",
  fields: [{ kind: "digits", name: "number", label: "field.lotNumber", max: 30 }],
  call: ({ agendaId }, values, options) => agendas.drawAgendaLot({ agendaId, number: words(values, "number") }, options),
};

/** Puts an agenda into the order that the page shows. */
export const reorderAgenda: ActionSpec<AgendaTarget & { topicIds: string[] }> = {
  title: "agenda.saveOrder",
  note: "agenda.reorderNote",
  fields: [PUBLIC_REASON],
  call: ({ agendaId, topicIds }, values, options) => agendas.reorderAgenda({ agendaId, topicIds, reason: words(values, "reason") }, options),
};

export const publishAgenda: ActionSpec<AgendaTarget> = {
  title: "action.PublishAgenda",
  note: "action.PublishAgenda.note",
  fields: [],
  call: ({ agendaId }, _, options) => agendas.publishAgenda({ agendaId }, options),
};

const MATTERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 279] as const;
const NOT_OWNERS = [Body.RESIDENTS, Body.VILLAGERS, Body.VILLAGERS_REPRESENTATIVES, Body.RESIDENTS_REPRESENTATIVES] as const;
const SECRET = { value: Secrecy.SECRET, label: "secrecy.secret", note: "secrecy.secretNote" } as const;
const OPEN = { value: Secrecy.OPEN, label: "secrecy.open", note: "secrecy.openNote" } as const;

const BODY: FieldSpec = {
  kind: "choice",
  name: "body",
  label: "field.body",
  options: [
    { value: Body.RESIDENTS_REPRESENTATIVES, label: "body.residents_representatives" },
    { value: Body.RESIDENTS, label: "body.residents" },
    { value: Body.OWNERS, label: "body.owners" },
    { value: Body.VILLAGERS, label: "body.villagers" },
    { value: Body.VILLAGERS_REPRESENTATIVES, label: "body.villagers_representatives" },
  ],
};

export const prepareBallot: ActionSpec<TopicTarget> = {
  title: "action.PrepareBallot",
  note: "action.PrepareBallot.note",
  fields: [
    text("question", "field.ballotQuestion", 5, 500),
    BODY,
    { kind: "choice", name: "matter", label: "field.matter", when: { field: "body", is: Body.OWNERS }, options: MATTERS.map((value) => ({ value, label: `matter.${value}` as const })) },
    // Owners vote openly, so they are not asked.
    ...NOT_OWNERS.map((is): FieldSpec => ({ kind: "choice", name: "secrecy", label: "field.secrecy", when: { field: "body", is }, options: [SECRET, OPEN] })),
    { kind: "time", name: "opensAt", label: "field.opensAt", withinDays: 366 },
    { kind: "time", name: "closesAt", label: "field.closesAt", hint: "field.closesHint", withinDays: 430 },
  ],
  call: ({ topicId }, values, options) => {
    const owners = Number(values.body) === Body.OWNERS;
    const [opensAt, closesAt] = [timestampFromField(words(values, "opensAt")), timestampFromField(words(values, "closesAt"))];
    return ballots.prepareBallot(
      {
        topicId,
        question: words(values, "question"),
        body: Number(values.body),
        matter: owners ? Number(values.matter) : 0,
        secrecy: owners ? Secrecy.OPEN : Number(values.secrecy),
        ...(opensAt && { opensAt }),
        ...(closesAt && { closesAt }),
      },
      options,
    );
  },
};

export interface BallotTarget {
  ballotId: string;
}

export const publishBallot: ActionSpec<BallotTarget> = {
  title: "action.PublishBallot",
  note: "action.PublishBallot.note",
  fields: [],
  call: ({ ballotId }, _, options) => ballots.publishBallot({ ballotId }, options),
};

export const closeBallot: ActionSpec<BallotTarget> = {
  title: "action.CloseBallot",
  note: "action.CloseBallot.note",
  fields: [],
  grave: true,
  call: ({ ballotId }, _, options) => ballots.closeBallot({ ballotId }, options),
};

export const signRecord: ActionSpec<BallotTarget> = {
  title: "action.SignBallotRecord",
  note: "action.SignBallotRecord.note",
  fields: [{ kind: "digest", name: "recordSha256", label: "field.digest" }],
  call: ({ ballotId }, values, options) => ballots.signBallotRecord({ ballotId, recordSha256: words(values, "recordSha256").toLowerCase() }, options),
};

export const reportGoal: ActionSpec<{ resolutionId: string; goalId: string }> = {
  title: "action.ReportGoal",
  fields: [
    {
      kind: "choice",
      name: "status",
      label: "field.goalStatus",
      options: [
        { value: GoalStatus.UNDER_WAY, label: "goal.status.under_way" },
        { value: GoalStatus.FULFILLED, label: "goal.status.fulfilled" },
        { value: GoalStatus.GIVEN_UP, label: "goal.status.given_up" },
      ],
    },
    text("report", "field.goalReport", 5, 500),
  ],
  call: (target, values, options) => resolutions.reportGoal({ ...target, status: Number(values.status), report: words(values, "report") }, options),
};
