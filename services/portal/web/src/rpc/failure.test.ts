import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { problemsOf } from "../actions/fields.ts";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { failureOf } from "./failure.ts";
import { IntentKeys } from "./idempotency.ts";
import { inWords } from "./reasons.ts";

function refused(code: Code, reason: string, violations: { field: string; description: string }[] = []): ConnectError {
  return new ConnectError("said by the service", code, undefined, [
    { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason }) },
    { desc: BadRequestSchema, value: create(BadRequestSchema, { fieldViolations: violations }) },
  ]);
}

describe("failures", () => {
  it("are said by their reason in both languages", () => {
    const failure = failureOf(refused(Code.FailedPrecondition, "NOT_CALLED"), true);
    expect(failure).toMatchObject({ kind: "refused", reason: "NOT_CALLED" });
    expect(inWords(failure, "zh")).toBe("没有呼叫该单位，不能参与这次吹哨或研判");
    expect(inWords(failure, "en")).toBe("That organization is not called to this whistle or room");
  });

  it("fall back to the kind and what the service said", () => {
    const failure = failureOf(refused(Code.FailedPrecondition, "SOMETHING_NEW"), true);
    expect(inWords(failure, "en")).toBe("The rules do not allow this now (said by the service)");
  });

  it("tell offline from unreachable", () => {
    expect(failureOf(new TypeError("failed to fetch"), false).kind).toBe("offline");
    expect(failureOf(new TypeError("failed to fetch"), true).kind).toBe("unreachable");
    expect(failureOf(refused(Code.Unauthenticated, ""), true).kind).toBe("signed_out");
  });

  it("put every violation at its field and keep the rest", () => {
    const failure = failureOf(
      refused(Code.InvalidArgument, "INVALID_FIELDS", [
        { field: "department_codes[1]", description: "twice" },
        { field: "request", description: "too short" },
        { field: "case_id", description: "not an id" },
      ]),
      true,
    );
    expect(problemsOf(failure, ["departmentCodes", "request"], "en")).toEqual({
      fields: [
        { name: "departmentCodes", errors: ["twice"] },
        { name: "request", errors: ["too short"] },
      ],
      rest: ["case_id: not an id"],
    });
  });

  it("find the field of a violation that lies deeper in the request", () => {
    const violations = ["filter.area_codes[2]", "webhook.url", "start.time", "grantee.area_code", "facts[0].fields[1]"].map((field) => ({ field, description: field }));
    const failure = failureOf(refused(Code.InvalidArgument, "INVALID_FIELDS", violations), true);
    const names = ["areaCodes", "areaCode", "url", "start", "start.time", "grantee", "facts"];
    expect(problemsOf(failure, names, "en").fields.map((one) => one.name)).toEqual(["areaCodes", "url", "start.time", "grantee", "facts"]);
  });
});

describe("intent keys", () => {
  it("stay for the same values and change with them", () => {
    const keys = new IntentKeys();
    const first = keys.keyFor({ a: 1 });
    expect(first).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(keys.keyFor({ a: 1 })).toBe(first);
    expect(keys.keyFor({ a: 2 })).not.toBe(first);
    const second = keys.keyFor({ a: 3 });
    keys.done();
    expect(keys.keyFor({ a: 3 })).not.toBe(second);
  });
});
