import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, it } from "vitest";
import { Choice } from "../gen/gongzhi/deliberation/v1/ballot_pb.ts";
import { MeetingSchema, MeetingSeatSchema, MeetingStatus, MeetingVoteMethod, MinuteKind, MinuteLineSchema, MotionOutcome, MotionPhase, MotionSide, SeatBlock } from "../gen/gongzhi/deliberation/v1/meeting_pb.ts";
import { DisclosureKind, ProcedureSchema, ProcedureStatus, ProcedureStep } from "../gen/gongzhi/deliberation/v1/procedure_pb.ts";
import { clockFace, countInWords, neededOf, partiesOf, problemOfSeats, seatInWords, seatsOf, waitsFor } from "./meetings.ts";
import { minuteInWords, rollCallInWords } from "./minutes.ts";
import { isResolved, stationsOf } from "./procedures.ts";
import { leadOf } from "./serviceClock.ts";
import { differenceOf } from "./wording.ts";

const { STATE, SOCIAL } = SeatBlock;
const SEATS = seatsOf([
  { party: "居委会", block: STATE, seats: 2 },
  { party: " 居民 ", block: SOCIAL, seats: 3 },
]).map((seat) => create(MeetingSeatSchema, seat));

describe("seats", () => {
  it("are numbered in the order of their parties", () => {
    expect(SEATS.map((seat) => [seat.number, seat.party])).toEqual([[1, "居委会"], [2, "居委会"], [3, "居民"], [4, "居民"], [5, "居民"]]);
    expect(partiesOf(SEATS).map((party) => [party.block, party.party, party.seats.length])).toEqual([[STATE, "居委会", 2], [SOCIAL, "居民", 3]]);
    expect(seatInWords(4, SEATS, "zh")).toBe("4号（居民）");
    expect(seatInWords(9, SEATS, "en")).toBe("Seat 9");
  });
  it("have the limits of the contract", () => {
    const row = (party: string, block: SeatBlock, seats = 1) => ({ party, block, seats });
    expect(problemOfSeats([row("a", STATE), row("b", SOCIAL)])).toBeUndefined();
    expect(problemOfSeats([row("a", STATE, 100), row("b", SOCIAL, 101)])).toBe("count");
    expect(problemOfSeats([row("a", SOCIAL), row("b", SOCIAL)])).toBe("blocks");
    expect(problemOfSeats([row("a", STATE), row("a ", SOCIAL)])).toBe("party");
  });
  it("need so many for a share", () => {
    const half = { numerator: 1, denominator: 2, more: true };
    const third = { numerator: 2, denominator: 3, more: false };
    expect([11, 12].map((n) => neededOf(n, half))).toEqual([6, 7]);
    expect([9, 10].map((n) => neededOf(n, third))).toEqual([6, 7]);
  });
});

describe("what a meeting waits for", () => {
  const motion = (phase: MotionPhase, rest: object = {}) => ({ number: 1, text: "装六组晾衣架", moverSeat: 3, phase, ...rest });
  const of = (rest: object) => waitsFor(create(MeetingSchema, { status: MeetingStatus.OPEN, ...rest }));
  it("follows from the motion, the floor and the queue", () => {
    expect(of({ status: MeetingStatus.CONVENED })).toBe("opening");
    expect(of({ status: MeetingStatus.CLOSED })).toBe("nothing");
    expect(of({})).toBe("motion");
    expect(of({ motion: motion(MotionPhase.MOVED) })).toBe("second");
    expect(of({ motion: motion(MotionPhase.SECONDED) })).toBe("debate");
    expect(of({ motion: motion(MotionPhase.DEBATED) })).toBe("end_of_debate");
    expect(of({ motion: motion(MotionPhase.DEBATED), queue: [{ seat: 4 }] })).toBe("speaker");
    expect(of({ motion: motion(MotionPhase.DEBATED), queue: [{ seat: 4 }], turn: { seat: 3 } })).toBe("speech");
    expect(of({ motion: motion(MotionPhase.DEBATE_CLOSED) })).toBe("vote");
  });
  it("puts an amendment before its motion, and its second before the next speaker", () => {
    const amended = (seconderSeat: number) => motion(MotionPhase.DEBATED, { amendment: { text: "装八组晾衣架", moverSeat: 4, seconderSeat } });
    expect(of({ motion: amended(0), queue: [{ seat: 5 }] })).toBe("amendment_second");
    expect(of({ motion: amended(5), queue: [{ seat: 5 }] })).toBe("speaker");
    expect(of({ motion: amended(5) })).toBe("amendment_vote");
  });
});

describe("minutes", () => {
  const say = (line: object) => minuteInWords(create(MinuteLineSchema, line), SEATS, () => "晾晒区", "zh");
  it("say what happened by seats, never by people", () => {
    expect(say({ kind: MinuteKind.MEETING_OPENED, presentSeats: [1, 3, 5] })).toBe("开会，到场 3 席：1、3、5");
    expect(say({ kind: MinuteKind.MOTION_MOVED, seat: 3 , topicId: "t" })).toBe("3号（居民）动议（晾晒区）");
    expect(say({ kind: MinuteKind.HAND_RAISED, seat: 1, side: MotionSide.AGAINST })).toBe("1号（居委会）举手，反对");
    expect(say({ kind: MinuteKind.SPEECH_ENDED, seat: 1, seconds: 65, clockSeconds: 90 })).toBe("1号（居委会）发言结束，计时 1:05（时钟 1:30）");
    expect(say({ kind: MinuteKind.APPEAL_DECIDED, seat: 1, seconderSeat: 2, number: 1, outcome: MotionOutcome.LOST, count: { ayes: 2, noes: 3, abstentions: 0 } })).toContain("裁定维持");
  });
  it("say why a count is withheld", () => {
    expect(say({ kind: MinuteKind.MOTION_DECIDED, method: MeetingVoteMethod.SECRET, outcome: MotionOutcome.CARRIED })).toBe("无记名：通过（无记名且不足 10 票，票数不公布）");
    expect(countInWords({ ayes: 3, noes: 1, abstentions: 0 }, "en")).toBe("3 for, 1 against, 0 abstained");
  });
  it("tell a roll call seat by seat", () => {
    const { rollCall } = create(MinuteLineSchema, { rollCall: [{ seat: 1, choice: Choice.FOR }, { seat: 2, choice: Choice.ABSTAIN }] });
    expect(rollCallInWords(rollCall, "zh")).toBe("1号 同意、2号 弃权");
  });
  it("show lengths as clocks do", () => {
    expect([0, 9, 65, 3729].map(clockFace)).toEqual(["0:00", "0:09", "1:05", "1:02:09"]);
  });
});

describe("the clock of the services", () => {
  const meeting = (fromMs: number, toMs: number) => create(MeetingSchema, { turn: { seat: 1, startedAt: timestampFromMs(fromMs), endsAt: timestampFromMs(toMs) } });
  it("is taken to be this device's while nothing contradicts it", () => {
    expect(leadOf(meeting(1_000_000, 1_120_000), 1_030_000, 0)).toBe(0);
    expect(leadOf(create(MeetingSchema, {}), 5, 7)).toBe(7);
  });
  it("is ahead where a turn has begun in the future of this device, and behind where one that ended goes on", () => {
    expect(leadOf(meeting(1_000_000, 1_120_000), 400_000, 0)).toBe(600_000);
    expect(leadOf(meeting(1_000_000, 1_120_000), 2_000_000, 0)).toBe(-875_000);
  });
});

describe("an amendment", () => {
  it("is told by what goes and what comes", () => {
    const parts = differenceOf("装六组,10月完成", "装八组,9月完成");
    expect(parts.filter((part) => part.kind !== "new").map((part) => part.text).join("")).toBe("装六组,10月完成");
    expect(parts.filter((part) => part.kind !== "gone").map((part) => part.text).join("")).toBe("装八组,9月完成");
    expect(parts.filter((part) => part.kind === "gone").map((part) => part.text)).toEqual(["六", "10"]);
  });
  it("may change nothing, or everything", () => {
    expect(differenceOf("同", "同")).toEqual([{ kind: "same", text: "同" }]);
    expect(differenceOf("", "新")).toEqual([{ kind: "new", text: "新" }]);
  });
});

describe("procedures", () => {
  const thresholds = [ProcedureStep.PROPOSAL, ProcedureStep.CONSULTATION].map((step) => ({ step, noticeDays: 0, source: "s" }));
  it("show the first two steps as held when they were held together", () => {
    const record = { step: ProcedureStep.PROPOSAL, heldOn: "2026-12-01", entitled: 7, present: 7, inFavour: 6, text: "…", mergeReason: "支书主任一肩挑", passed: true };
    const stations = stationsOf(create(ProcedureSchema, { status: ProcedureStatus.OPEN, nextStep: ProcedureStep.REVIEW, thresholds, records: [record] }));
    expect(stations.map((station) => station.state)).toEqual(["passed", "passed", "here", "ahead", "ahead", "ahead"]);
    expect(stations[1]).toMatchObject({ merged: true, on: "2026-12-01" });
  });
  it("tell what is overdue until it is made", () => {
    const procedure = create(ProcedureSchema, { status: ProcedureStatus.RESOLVED, decisionDueOn: "2026-12-19", overdue: [DisclosureKind.DECISION] });
    expect(stationsOf(procedure)[4]).toMatchObject({ state: "here", overdue: true, dueOn: "2026-12-19" });
    procedure.decision = { disclosedOn: "2026-12-21", late: true } as typeof procedure.decision;
    expect(stationsOf(procedure)[4]).toMatchObject({ state: "passed", overdue: false });
    expect(isResolved(procedure)).toBe(true);
    expect(isResolved({ status: ProcedureStatus.FAILED })).toBe(false);
  });
});
