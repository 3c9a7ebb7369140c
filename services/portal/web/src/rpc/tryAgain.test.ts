import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";
import { idempotent } from "./idempotency.ts";
import { triesAfter } from "./tryAgain.ts";

type Next = Parameters<Interceptor>[0];
type Asked = Parameters<Next>[0];

const conflict = () => new ConnectError("others were first", Code.Aborted, undefined, [{ desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason: "CONFLICT" }) }]);
const away = () => new ConnectError("nobody is there", Code.Unavailable);

/** Calls a service that answers so, one after the other; gives the answer or the failure, and the keys that it was asked with. */
async function call(answers: (() => ConnectError | "done")[], { key = "k", signal = new AbortController().signal } = {}) {
  const keys: (string | null)[] = [];
  const next = async (request: Asked) => {
    keys.push(request.header.get("idempotency-key"));
    const answer = answers.shift()!();
    if (answer !== "done") throw answer;
    return answer as never;
  };
  const header = new Headers(key ? idempotent(key).headers : {});
  const request = { stream: false, header, signal } as unknown as Asked;
  const outcome: unknown = await triesAfter([1, 1, 1])(next as unknown as Next)(request).catch((thrown: unknown) => ConnectError.from(thrown).code);
  return { outcome, keys };
}

describe("ordinary tries", () => {
  it("send a write again by the same key until it is done", async () => {
    expect(await call([away, conflict, away, () => "done"])).toEqual({ outcome: "done", keys: ["k", "k", "k", "k"] });
  });

  it("end", async () => {
    expect(await call([away, away, away, away, () => "done"])).toEqual({ outcome: Code.Unavailable, keys: ["k", "k", "k", "k"] });
  });

  it("repeat no answer of the rules, nothing without a key, and nothing for who gave up", async () => {
    for (const code of [Code.FailedPrecondition, Code.PermissionDenied, Code.InvalidArgument, Code.DeadlineExceeded, Code.Aborted]) {
      expect(await call([() => new ConnectError("no", code)])).toEqual({ outcome: code, keys: ["k"] });
    }
    expect(await call([away], { key: "" })).toEqual({ outcome: Code.Unavailable, keys: [null] });
    expect(await call([away], { signal: AbortSignal.abort() })).toEqual({ outcome: Code.Unavailable, keys: ["k"] });
  });
});
