// Which phrase belongs to which value of the contracts. A new value does not compile until it has a phrase.
import type { WordKey } from "../app/words/index.ts";
import { CasePhase, ClockKind, Rung, SummonsPhase, WhistleKind, WhistleLevel, WhistlePhase } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { Rating } from "../gen/gongzhi/grid/v1/grid_pb.ts";

export type Tone = "neutral" | "active" | "warn" | "bad" | "good";

export const casePhaseWord: Record<CasePhase, WordKey> = {
  [CasePhase.UNSPECIFIED]: "state.unknown",
  [CasePhase.REGISTERED]: "case.phase.registered",
  [CasePhase.HANDLING]: "case.phase.handling",
  [CasePhase.CONSULTING]: "case.phase.consulting",
  [CasePhase.WHISTLED]: "case.phase.whistled",
  [CasePhase.SETTLED]: "case.phase.settled",
  [CasePhase.FOLLOWING_UP]: "case.phase.following_up",
  [CasePhase.CLOSED]: "case.phase.closed",
  [CasePhase.VOID]: "case.phase.void",
};

export const casePhaseTone: Record<CasePhase, Tone> = {
  [CasePhase.UNSPECIFIED]: "neutral",
  [CasePhase.REGISTERED]: "active",
  [CasePhase.HANDLING]: "active",
  [CasePhase.CONSULTING]: "active",
  [CasePhase.WHISTLED]: "warn",
  [CasePhase.SETTLED]: "good",
  [CasePhase.FOLLOWING_UP]: "good",
  [CasePhase.CLOSED]: "neutral",
  [CasePhase.VOID]: "neutral",
};

export const clockWord: Record<ClockKind, WordKey> = {
  [ClockKind.UNSPECIFIED]: "state.unknown",
  [ClockKind.ACCEPT]: "clock.accept",
  [ClockKind.ANSWER]: "clock.answer",
  [ClockKind.SIGN_FOR]: "clock.sign_for",
  [ClockKind.MAKE_CONTACT]: "clock.make_contact",
  [ClockKind.REPORT_IN]: "clock.report_in",
  [ClockKind.FINISH]: "clock.finish",
};

export const rungWord: Record<Rung, WordKey> = {
  [Rung.UNSPECIFIED]: "state.unknown",
  [Rung.COMMUNITY]: "level.community",
  [Rung.SUB_DISTRICT]: "level.sub_district",
  [Rung.DISTRICT]: "level.district",
};

export const whistlePhaseWord: Record<WhistlePhase, WordKey> = {
  [WhistlePhase.UNSPECIFIED]: "state.unknown",
  [WhistlePhase.SOUNDED]: "whistle.phase.sounded",
  [WhistlePhase.FINISHED]: "whistle.phase.finished",
  [WhistlePhase.ACCEPTED]: "whistle.phase.accepted",
  [WhistlePhase.WITHDRAWN]: "whistle.phase.withdrawn",
};

export const whistlePhaseTone: Record<WhistlePhase, Tone> = {
  [WhistlePhase.UNSPECIFIED]: "neutral",
  [WhistlePhase.SOUNDED]: "warn",
  [WhistlePhase.FINISHED]: "active",
  [WhistlePhase.ACCEPTED]: "good",
  [WhistlePhase.WITHDRAWN]: "neutral",
};

export const whistleKindWord: Record<WhistleKind, WordKey> = {
  [WhistleKind.UNSPECIFIED]: "state.unknown",
  [WhistleKind.JOINT_ENFORCEMENT]: "whistle.kind.joint",
  [WhistleKind.PRIORITY_WORK]: "whistle.kind.priority",
  [WhistleKind.EMERGENCY]: "whistle.kind.emergency",
};

export const whistleLevelWord: Record<WhistleLevel, WordKey> = {
  [WhistleLevel.UNSPECIFIED]: "state.unknown",
  [WhistleLevel.BLUE]: "whistle.level.blue",
  [WhistleLevel.YELLOW]: "whistle.level.yellow",
  [WhistleLevel.RED]: "whistle.level.red",
};

export const whistleLevelNote: Record<WhistleLevel, WordKey> = {
  [WhistleLevel.UNSPECIFIED]: "state.unknown",
  [WhistleLevel.BLUE]: "whistle.level.blueNote",
  [WhistleLevel.YELLOW]: "whistle.level.yellowNote",
  [WhistleLevel.RED]: "whistle.level.redNote",
};

export const summonsPhaseWord: Record<SummonsPhase, WordKey> = {
  [SummonsPhase.UNSPECIFIED]: "state.unknown",
  [SummonsPhase.CALLED]: "summons.phase.called",
  [SummonsPhase.SIGNED_FOR]: "summons.phase.signed_for",
  [SummonsPhase.CONTACTED]: "summons.phase.contacted",
  [SummonsPhase.REPORTED_IN]: "summons.phase.reported_in",
  [SummonsPhase.DONE]: "summons.phase.done",
  [SummonsPhase.EXCUSED]: "summons.phase.excused",
};

export const summonsPhaseTone: Record<SummonsPhase, Tone> = {
  [SummonsPhase.UNSPECIFIED]: "neutral",
  [SummonsPhase.CALLED]: "warn",
  [SummonsPhase.SIGNED_FOR]: "active",
  [SummonsPhase.CONTACTED]: "active",
  [SummonsPhase.REPORTED_IN]: "active",
  [SummonsPhase.DONE]: "good",
  [SummonsPhase.EXCUSED]: "neutral",
};

export const ratingWord: Record<Rating, WordKey> = {
  [Rating.UNSPECIFIED]: "state.none",
  [Rating.SATISFIED]: "rating.satisfied",
  [Rating.FAIRLY_SATISFIED]: "rating.fairly_satisfied",
  [Rating.NOT_SATISFIED]: "rating.not_satisfied",
  [Rating.NOT_REACHED]: "rating.not_reached",
};
