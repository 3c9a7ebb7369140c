// How calls reach the services behind the portal. The cookie of the session authenticates every call.
import { Code, ConnectError, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { CALLED_SERVICE } from "./failure.ts";
import { tellSignedOut } from "./signedOut.ts";
import { tryAgain } from "./tryAgain.ts";

const noticeSignedOut: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    if (ConnectError.from(thrown).code === Code.Unauthenticated) tellSignedOut();
    throw thrown;
  }
};

/** Notes on a failure which service it came from: some say the same word for different things. */
export const nameService: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    const error = ConnectError.from(thrown);
    error.metadata.set(CALLED_SERVICE, request.service.name);
    throw error;
  }
};

export const transport = createGrpcWebTransport({ baseUrl: "/grpc", defaultTimeoutMs: 10_000, interceptors: [noticeSignedOut, nameService, tryAgain] });
