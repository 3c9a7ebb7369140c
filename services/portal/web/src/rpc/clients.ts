// The typed clients of the services that nearly every page asks.
import { createClient } from "@connectrpc/connect";
import { CaseService, WhistleService } from "../gen/gongzhi/dispatch/v1/dispatch_pb.ts";
import { FollowUpService, GridService } from "../gen/gongzhi/grid/v1/grid_pb.ts";
import { DepartmentService, DivisionService, IdentityService, StaffService } from "../gen/gongzhi/organization/v1/organization_pb.ts";
import { ReportingService } from "../gen/gongzhi/reporting/v1/reporting_pb.ts";
import { transport } from "./transport.ts";

export const cases = createClient(CaseService, transport);
export const whistles = createClient(WhistleService, transport);
export const grids = createClient(GridService, transport);
export const followUps = createClient(FollowUpService, transport);
export const identity = createClient(IdentityService, transport);
export const divisions = createClient(DivisionService, transport);
export const departments = createClient(DepartmentService, transport);
export const staff = createClient(StaffService, transport);
export const reporting = createClient(ReportingService, transport);
