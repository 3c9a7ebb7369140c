// The typed clients of the services behind the portal. The cookie of the session authenticates every call.
import { Code, ConnectError, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { CaseService, WhistleService } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { CatalogueService, GrantService, SubscriptionService } from "../gen/gongzhi/exchange/v1/exchange_pb.ts";
import { FollowUpService, GridService } from "../gen/gongzhi/grid/v1/grid_pb.ts";
import { DepartmentService, DivisionService, IdentityService, StaffService } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { ReportingService } from "../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { tellSignedOut } from "./signedOut.ts";

const noticeSignedOut: Interceptor = (next) => async (request) => {
  try {
    return await next(request);
  } catch (thrown) {
    if (ConnectError.from(thrown).code === Code.Unauthenticated) tellSignedOut();
    throw thrown;
  }
};

const transport = createGrpcWebTransport({ baseUrl: "/grpc", defaultTimeoutMs: 10_000, interceptors: [noticeSignedOut] });

export const cases = createClient(CaseService, transport);
export const whistles = createClient(WhistleService, transport);
export const grids = createClient(GridService, transport);
export const followUps = createClient(FollowUpService, transport);
export const identity = createClient(IdentityService, transport);
export const divisions = createClient(DivisionService, transport);
export const departments = createClient(DepartmentService, transport);
export const staff = createClient(StaffService, transport);
export const reporting = createClient(ReportingService, transport);
export const catalogue = createClient(CatalogueService, transport);
export const grants = createClient(GrantService, transport);
export const subscriptions = createClient(SubscriptionService, transport);
