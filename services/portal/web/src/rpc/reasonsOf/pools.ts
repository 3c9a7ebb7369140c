// Refusals of pools in words.
import type { Reasons } from "./index.ts";

export const POOL: Reasons = {
  ALREADY_OPENED: ["这次抽选已经发起", "This pool was opened already"],
  ABSENT: ["没有这次抽选", "There is no such pool"],
  POOL_CLOSED: ["报名已截止", "Nobody else may volunteer: the pool is closed"],
  STILL_OPEN: ["报名时间未到期，到期后才能截止", "People may volunteer until its end; close it after that"],
  HOUSEHOLD_TWICE: ["这一户已有人报名，本次每户限一人报名", "Somebody of this household has volunteered already; this pool takes one of each"],
  POOL_FULL: ["报名人数已达 10000 人的上限", "10,000 people may volunteer at most"],
  NO_VOLUNTEER: ["没有这个编号，或已经退出；请核对纸条上的编号", "There is no such number, or it has left; compare it with the slip"],
  TOO_FEW_VOLUNTEERS: ["报名人数少于席位，不能抽选；请另行发起", "Fewer people volunteered than there are seats, so nobody can be drawn; open another pool"],
  COMPUTING: ["正在计算抽选方案，请稍后刷新", "The lottery is being computed; look again in a while"],
  NOT_PUBLISHED: ["票面还没有公布；没有公布的不能抽号", "No tickets are published; what was not published is not drawn from"],
  PUBLISHED: ["票面已公布，等待抽号", "The tickets are published and wait for their number"],
  DRAWN: ["已经抽出，只抽一次", "The number was drawn already; there is one draw"],
  NOT_DRAWN: ["还没有抽出代表", "No panel is drawn yet"],
  QUOTAS_STAY: ["只有配额无法满足时才能调整，类别和特征不能改", "Quotas change only where they cannot be met; categories and features stay"],
  OUT_OF_DATE: ["名单已有变动，计算结果作废；请刷新", "The pool has changed since, so what was computed is void; reload"],
  NO_TICKET: ["这个号码没有对应的票，请核对", "The number names no ticket; compare it with what was drawn"],
  CANNOT_REPLACE: ["这些代表无法补抽：不在名单上，或没有不含他们的票", "These members cannot be replaced: they are not on the panel, or every ticket has one of them"],
  REPLACING: ["补抽票面等待号码，请先抽号", "Tickets for replacements wait for their number; draw it first"],
  NOT_REPLACING: ["没有等待补抽的席位", "Nobody has dropped out who was not replaced"],
  FORGOTTEN: ["报名资料已到期删除；需要时请另行发起", "What volunteers said was deleted; open another pool"],
};
