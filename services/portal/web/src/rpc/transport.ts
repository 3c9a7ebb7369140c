// How calls reach the services behind the portal. The cookie of the session authenticates every call.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { tellSignedOut } from "./signedOut.ts";

const noticeSignedOut: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    if (ConnectError.from(thrown).code === Code.Unauthenticated) tellSignedOut();
    throw thrown;
  }
};

export const transport = createGrpcWebTransport({ baseUrl: "/grpc", defaultTimeoutMs: 10_000, interceptors: [noticeSignedOut] });
