// Which phrase and tone belong to which value of the exchange's contract. A new value does not compile until it has a phrase.
import type { WordKey } from "../app/words/index.ts";
import { Classification } from "../gen/gongzhi/event/v1/event_pb.ts";
import { DeliveryWay, GrantStatus, SignatureScheme, SubscriptionStatus } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { RoomStatus } from "../gen/gongzhi/exchange/v1/room_pb.ts";
import type { Tone } from "./vocabulary.ts";

export const classificationWord: Record<Classification, WordKey> = {
  [Classification.UNSPECIFIED]: "state.unknown",
  [Classification.OPEN]: "classification.open",
  [Classification.SHARED]: "classification.shared",
  [Classification.RESTRICTED]: "classification.restricted",
};

export const classificationNote: Record<Classification, WordKey> = {
  [Classification.UNSPECIFIED]: "state.unknown",
  [Classification.OPEN]: "classification.openNote",
  [Classification.SHARED]: "classification.sharedNote",
  [Classification.RESTRICTED]: "classification.restrictedNote",
};

export const classificationTone: Record<Classification, Tone> = {
  [Classification.UNSPECIFIED]: "neutral",
  [Classification.OPEN]: "good",
  [Classification.SHARED]: "active",
  [Classification.RESTRICTED]: "warn",
};

export const grantStatusWord: Record<GrantStatus, WordKey> = {
  [GrantStatus.UNSPECIFIED]: "state.unknown",
  [GrantStatus.REQUESTED]: "grants.status.requested",
  [GrantStatus.APPROVED]: "grants.status.approved",
  [GrantStatus.REFUSED]: "grants.status.refused",
  [GrantStatus.EXPIRED]: "grants.status.expired",
  [GrantStatus.REVOKED]: "grants.status.revoked",
};

export const grantStatusTone: Record<GrantStatus, Tone> = {
  [GrantStatus.UNSPECIFIED]: "neutral",
  [GrantStatus.REQUESTED]: "warn",
  [GrantStatus.APPROVED]: "good",
  [GrantStatus.REFUSED]: "neutral",
  [GrantStatus.EXPIRED]: "neutral",
  [GrantStatus.REVOKED]: "neutral",
};

export const subscriptionStatusWord: Record<SubscriptionStatus, WordKey> = {
  [SubscriptionStatus.UNSPECIFIED]: "state.unknown",
  [SubscriptionStatus.ACTIVE]: "subscriptions.status.active",
  [SubscriptionStatus.PAUSED]: "subscriptions.status.paused",
  [SubscriptionStatus.ENDED]: "subscriptions.status.ended",
};

export const subscriptionStatusTone: Record<SubscriptionStatus, Tone> = {
  [SubscriptionStatus.UNSPECIFIED]: "neutral",
  [SubscriptionStatus.ACTIVE]: "good",
  [SubscriptionStatus.PAUSED]: "warn",
  [SubscriptionStatus.ENDED]: "neutral",
};

export const roomStatusWord: Record<RoomStatus, WordKey> = {
  [RoomStatus.UNSPECIFIED]: "state.unknown",
  [RoomStatus.OPEN]: "rooms.status.open",
  [RoomStatus.CLOSED]: "rooms.status.closed",
};

export const roomStatusTone: Record<RoomStatus, Tone> = {
  [RoomStatus.UNSPECIFIED]: "neutral",
  [RoomStatus.OPEN]: "active",
  [RoomStatus.CLOSED]: "neutral",
};

export const wayWord: Record<DeliveryWay, WordKey> = {
  [DeliveryWay.UNSPECIFIED]: "state.unknown",
  [DeliveryWay.PULL]: "subscriptions.way.pull",
  [DeliveryWay.WEBHOOK]: "subscriptions.way.webhook",
  [DeliveryWay.NATS]: "subscriptions.way.nats",
};

export const wayNote: Record<DeliveryWay, WordKey> = {
  [DeliveryWay.UNSPECIFIED]: "state.unknown",
  [DeliveryWay.PULL]: "subscriptions.way.pullNote",
  [DeliveryWay.WEBHOOK]: "subscriptions.way.webhookNote",
  [DeliveryWay.NATS]: "subscriptions.way.natsNote",
};

/** Left out, it is Ed25519. */
export const schemeWord: Record<SignatureScheme, WordKey> = {
  [SignatureScheme.UNSPECIFIED]: "subscriptions.scheme.ed25519",
  [SignatureScheme.ED25519]: "subscriptions.scheme.ed25519",
  [SignatureScheme.HMAC]: "subscriptions.scheme.hmac",
};
