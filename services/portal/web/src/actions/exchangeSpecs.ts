// What may be done with a grant and with a subscription: forms with the limits of the contract, and the calls that carry them out.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { endOfDay, timestampFromField } from "../format/times.ts";
import type { StartSchema } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { grants, subscriptions } from "../rpc/exchange.ts";
import { type ActionSpec, type FieldSpec, type FormValues, reason, words } from "./specs.ts";

export interface GrantTarget {
  grantId: string;
}

export interface SubscriptionTarget {
  subscriptionId: string;
}

/** Longest time for which a grant may be asked for, in days. */
export const LONGEST_GRANT_DAYS = 366;

/** Where delivery begins: one of three. */
export const StartChoice = { NOW: 1, BEGINNING: 2, TIME: 3 } as const;

export const grantSpecs = {
  ApproveGrant: {
    title: "action.ApproveGrant",
    note: "action.ApproveGrant.note",
    fields: [{ kind: "day", name: "untilAt", label: "field.earlierEnd", hint: "field.earlierEndHint", withinDays: LONGEST_GRANT_DAYS, optional: true }],
    call: ({ grantId }, values, options) => {
      const untilAt = values.untilAt ? endOfDay(String(values.untilAt)) : undefined;
      return grants.approveGrant({ grantId, ...(untilAt && { untilAt }) }, options);
    },
  },
  RefuseGrant: {
    title: "action.RefuseGrant",
    grave: true,
    fields: [reason],
    call: ({ grantId }, values, options) => grants.refuseGrant({ grantId, reason: words(values, "reason") }, options),
  },
  RevokeGrant: {
    title: "action.RevokeGrant",
    note: "action.RevokeGrant.note",
    grave: true,
    fields: [reason],
    call: ({ grantId }, values, options) => grants.revokeGrant({ grantId, reason: words(values, "reason") }, options),
  },
} satisfies Record<string, ActionSpec<GrantTarget>>;

/** Asks where delivery begins. */
export const startField: FieldSpec = {
  kind: "choice",
  name: "start",
  label: "field.start",
  options: [
    { value: StartChoice.TIME, label: "start.time" },
    { value: StartChoice.BEGINNING, label: "start.beginning" },
    { value: StartChoice.NOW, label: "start.now" },
  ],
};

/** Asks for the instant, where one was chosen. The name is that of the violation. */
export const startTimeField: FieldSpec = { kind: "past", name: "start.time", label: "field.startTime", when: { field: "start", is: StartChoice.TIME } };

/** Reads what was chosen; left out it is now. */
export function startOf(values: FormValues): MessageInitShape<typeof StartSchema> {
  const time = timestampFromField(String(values["start.time"] ?? ""));
  if (values.start === StartChoice.TIME && time) return { start: { case: "time", value: time } };
  if (values.start === StartChoice.BEGINNING) return { start: { case: "beginning", value: true } };
  return { start: { case: "now", value: true } };
}

export const subscriptionSpecs = {
  PauseSubscription: {
    title: "action.PauseSubscription",
    note: "action.PauseSubscription.note",
    fields: [reason],
    call: ({ subscriptionId }, values, options) => subscriptions.pauseSubscription({ subscriptionId, reason: words(values, "reason") }, options),
  },
  ResumeSubscription: {
    title: "action.ResumeSubscription",
    note: "action.ResumeSubscription.note",
    fields: [],
    call: ({ subscriptionId }, _, options) => subscriptions.resumeSubscription({ subscriptionId }, options),
  },
  RewindSubscription: {
    title: "action.RewindSubscription",
    note: "action.RewindSubscription.note",
    fields: [startField, startTimeField],
    call: ({ subscriptionId }, values, options) => subscriptions.rewindSubscription({ subscriptionId, start: startOf(values) }, options),
  },
  EndSubscription: {
    title: "action.EndSubscription",
    note: "action.EndSubscription.note",
    grave: true,
    fields: [reason],
    call: ({ subscriptionId }, values, options) => subscriptions.endSubscription({ subscriptionId, reason: words(values, "reason") }, options),
  },
  RotateSigningKey: {
    title: "action.RotateSigningKey",
    note: "action.RotateSigningKey.note",
    fields: [],
    call: ({ subscriptionId }, _, options) => subscriptions.rotateSigningKey({ subscriptionId }, options),
  },
  RetryHeldDeliveries: {
    title: "action.RetryHeldDeliveries",
    note: "action.RetryHeldDeliveries.note",
    fields: [],
    call: ({ subscriptionId }, _, options) => subscriptions.retryHeldDeliveries({ subscriptionId }, options),
  },
} satisfies Record<string, ActionSpec<SubscriptionTarget>>;
