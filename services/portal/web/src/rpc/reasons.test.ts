// Every word that a service can give has words here: read from the sources of the services themselves, so that none is forgotten.
import { describe, expect, it } from "vitest";
import { eventInWords } from "../format/events.ts";
import type { Failure } from "./failure.ts";
import { inWords, signInInWords } from "./reasons.ts";

const sources = import.meta.glob<string>(
  [
    "../../../../dispatch/src/{case,whistle}/{refusal,event}.rs",
    "../../../../grid/src/{grid,follow_up}/machine.rs",
    "../../../../organization/src/{staff,department,division}/machine.rs",
    "../../../../organization/src/identity/refused.rs",
    "../../../../exchange/src/{grant,subscription,room}/machine.rs",
    "../../../../deliberation/src/{topic,agenda,ballot,resolution}/machine.rs",
    "../../../../deliberation/src/{balance,conversation,fund,pool,procedure}/machine.rs",
    "../../../../deliberation/src/conversation/{statement,voice}/machine.rs",
    "../../../../deliberation/src/meeting/refusal.rs",
    "../../../../deliberation/src/ballot/vote/machine.rs",
    "../../../../exchange/src/delivery/{rpc,webhook/mod}.rs",
    "../../../../../proto/gongzhi/*/v1/events.proto",
  ],
  { query: "?raw", import: "default", eager: true },
);

/** What matches in sources whose path ends so. */
function found(path: RegExp, pattern: RegExp): string[] {
  const texts = Object.entries(sources).filter(([name]) => path.test(name));
  return [...new Set(texts.flatMap(([, text]) => [...text.matchAll(pattern)].map((match) => match[1] ?? "")))].sort();
}

/** `WhistleSounded` → `whistle_sounded`. */
function snakeOf(name: string): string {
  return name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
}

describe("words of the services", () => {
  const rooms = ["ALREADY_OPENED", "ABSENT", "CLOSED", "NOT_CALLED", "ALREADY_CALLED", "NOT_OPENER", "TOO_MANY_ORGANIZATIONS", "TOO_MANY_ENTRIES", "TOO_MUCH_EVIDENCE", "ALREADY_ADDED", "ALREADY_WITHDRAWN", "NOT_YOURS"];
  const WORD = /(?:=>|reason:)\s*"([A-Z]+(?:_[A-Z]+)*)"/g;
  const reasons = found(/(?<!\/(?:balance|conversation|statement|voice|fund|meeting|pool|procedure)\/)(refusal|machine|refused|delivery\/rpc|webhook\/mod)\.rs$/, WORD);
  const OWN = { BalanceService: "balance", ConversationService: "conversation|statement|voice", FundService: "fund", MeetingService: "meeting", PoolService: "pool", ProcedureService: "procedure" };
  const own = Object.entries(OWN).flatMap(([service, folders]) => found(new RegExp(`/(?:${folders})/(?:machine|refusal)\\.rs$`), WORD).map((reason) => [service, reason] as const));
  const events = found(/event\.rs$/, /=>\s*"([a-z]+(?:_[a-z]+)*)"/g);

  const facts = found(/events\.proto$/, /message (\w+) \{\s+option \(gongzhi\.event\.v1\.fact\)/g).map(snakeOf);

  it("are read from the sources", () => {
    expect(reasons).toEqual(expect.arrayContaining(["ACCOUNT_LOCKED", "CASE_CLOSED", "EXCUSED", "NOT_FINISHED", "VISIT_WITHDRAWN", "OWN_REQUEST", "TOPIC_ENDED", "ALREADY_VOTED", "HAS_ENDED", "REWOUND"]));
    expect(own).toEqual(expect.arrayContaining([["MeetingService", "HANDS_UP"], ["ProcedureService", "ALL_HELD"], ["ConversationService", "NO_MORE_STATEMENTS"], ["BalanceService", "LAST_ROUND"]]));
    expect(events).toEqual(expect.arrayContaining(["case_registered", "department_supervised"]));
    expect(facts).toEqual(expect.arrayContaining(["whistle_sounded", "grid_drawn", "division_listed", "deliveries_parked", "room_closed"]));
  });

  it.each([...new Set([...reasons, ...rooms])])("%s is said in both languages", (reason) => {
    const failure: Failure = { kind: "refused", reason, message: "", violations: [] };
    expect(inWords(failure, "zh")).not.toBe(inWords({ ...failure, reason: "" }, "zh"));
    expect(inWords(failure, "en")).not.toBe(inWords({ ...failure, reason: "" }, "en"));
  });

  it.each(own)("of %s, %s is said in both languages", (service, reason) => {
    const failure: Failure = { kind: "refused", reason, service, message: "", violations: [] };
    expect(inWords(failure, "zh")).not.toBe(inWords({ ...failure, reason: "" }, "zh"));
    expect(inWords(failure, "en")).not.toBe(inWords({ ...failure, reason: "" }, "en"));
  });

  it("that mean something else in one service are said so there", () => {
    const failure: Failure = { kind: "refused", reason: "NOT_DRAWN", message: "", violations: [] };
    expect(inWords({ ...failure, service: "PoolService" }, "zh")).toBe("还没有抽出代表");
    expect(inWords(failure, "zh")).toBe("网格还没有划定");
  });

  it.each([...new Set([...events, ...facts])])("%s is told in Chinese", (event) => {
    expect(eventInWords(event, "zh")).toMatch(/^\p{Script=Han}/u);
  });
});

it("never tells a wrong account from a wrong password", () => {
  expect(signInInWords("UNAUTHENTICATED", "zh")).toBe("账号或密码不对");
  expect(signInInWords("UNAUTHENTICATED", "en")).toBe("The account or the password is wrong");
});
