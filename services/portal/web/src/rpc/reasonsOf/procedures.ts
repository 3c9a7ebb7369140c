// Refusals of procedures in words.
import type { Reasons } from "./index.ts";

export const PROCEDURE: Reasons = {
  TOPIC_NOT_SCHEDULED: ["议题不在已公示的议程上，不能启动；请先列入议程并公示", "The topic is on no published agenda; put it on one and publish that first"],
  UNDER_WAY: ["该议题的四议两公开正在进行，或已有决议", "A procedure on this topic is under way, or was resolved"],
  CANNOT_MERGE: ["只有党支部会提议和两委会商议可以合并", "Only the first two steps may be held together"],
  TOO_EARLY: ["日期早于上一步，或早于启动的那天；请核对日期", "The day lies before the step that comes first; check it"],
  IN_FUTURE: ["日期在今天以后，还没有发生的不能记录", "The day lies in the future; what has not happened is not recorded"],
  NOT_NEXT: ["步骤不能跳过，请按顺序记录下一步", "No step is skipped; record the one that is next"],
  NOT_RESOLVED: ["还没有决议，没有可公开的内容", "Nothing was resolved that could be made public"],
  DECISION_NOT_DISCLOSED: ["先公开决议，再公开实施结果", "The decision is made public before its result"],
  ALREADY_DISCLOSED: ["已经公开过", "It was made public already"],
  RESULT_TOO_LATE: ["结果公开日期太晚，请选择更早的日期", "The day for the result lies too far off; choose an earlier one"],
  PROCEDURE_FAILED: ["这次程序未通过，请重新启动", "The procedure failed; begin anew"],
  ALL_HELD: ["四个步骤都已完成", "All steps were held"],
  NOTICE_TOO_SHORT: ["通知或送达的天数不够，会议须重新召开", "The notice is too short; the meeting is held again"],
};
