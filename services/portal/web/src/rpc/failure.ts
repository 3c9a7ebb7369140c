// What went wrong, taken apart once: kind, reason, wrong fields. Putting it into words is the work of `reasons.ts`.
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema } from "../gen/google/rpc/error_details_pb.ts";

export type FailureKind = "offline" | "unreachable" | "signed_out" | "forbidden" | "missing" | "refused" | "invalid" | "conflict" | "busy" | "slow" | "broken";

export interface Failure {
  kind: FailureKind;
  /** Stable word of the service; empty when it gave none. */
  reason: string;
  /** Which service said so, as the contract names it; absent where that is not known. */
  service?: string;
  /** What the service said, for whoever must ask further. */
  message: string;
  /** Wrong fields by their proto names. */
  violations: { field: string; description: string }[];
}

/** Where a transport notes which service a failure came from. */
export const CALLED_SERVICE = "called-service";

/** Takes any thrown value apart. */
export function failureOf(thrown: unknown, online = navigatorOnline()): Failure {
  const error = ConnectError.from(thrown);
  const info = error.findDetails(ErrorInfoSchema)[0];
  const violations = error
    .findDetails(BadRequestSchema)
    .flatMap((detail) => detail.fieldViolations.map(({ field, description }) => ({ field, description })));
  const service = error.metadata.get(CALLED_SERVICE);
  return { kind: kindOf(error.code, online, violations.length > 0), reason: info?.reason ?? "", ...(service && { service }), message: error.rawMessage, violations };
}

/** True when the caller stopped the call itself. */
export function wasCanceled(thrown: unknown): boolean {
  return ConnectError.from(thrown).code === Code.Canceled;
}

function kindOf(code: Code, online: boolean, hasViolations: boolean): FailureKind {
  switch (code) {
    case Code.Unauthenticated:
      return "signed_out";
    case Code.PermissionDenied:
      return "forbidden";
    case Code.NotFound:
      return "missing";
    case Code.InvalidArgument:
    case Code.OutOfRange:
      return "invalid";
    case Code.FailedPrecondition:
      return hasViolations ? "invalid" : "refused";
    case Code.AlreadyExists:
    case Code.Aborted:
      return "conflict";
    case Code.ResourceExhausted:
      return "busy";
    case Code.DeadlineExceeded:
      return "slow";
    case Code.Unavailable:
    case Code.Unknown:
      return online ? "unreachable" : "offline";
    case Code.Canceled:
    case Code.Internal:
    case Code.DataLoss:
    case Code.Unimplemented:
      return "broken";
  }
}

function navigatorOnline(): boolean {
  return typeof navigator === "undefined" || navigator.onLine !== false;
}
