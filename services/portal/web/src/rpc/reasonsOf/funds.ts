// Refusals of funds in words.
import type { Reasons } from "./index.ts";

export const FUND: Reasons = {
  ALREADY_OPENED: ["这笔专款已经设立", "This fund was opened already"],
  ABSENT: ["没有这笔专款", "There is no such fund"],
  NOT_SCHEDULED: ["议题不在已公示的议程上，不能设立专款", "The topic is on no published agenda, so no fund can be opened on it"],
  PUBLISHED: ["专款已公示，项目不再改动", "The fund is published and its projects stay as they are"],
  NOT_PUBLISHED: ["专款还没有公示，公示后才能投票", "The fund is not published yet; slips are cast once it is"],
  TOO_MANY_PROJECTS: ["项目已达 200 个的上限", "A fund holds 200 projects at most"],
  NO_PROJECTS: ["没有可以表决的项目，请先增加项目", "There is no project to decide on; add one first"],
  NO_PROJECT: ["没有这个项目，或已经撤回；请刷新", "There is no such project, or it was taken back; reload"],
  COST_ABOVE_FUND: ["项目费用超过专款总额，永远不可能中选；请改小或拆分", "The project costs more than the fund has, so it could never be paid for; make it smaller"],
  NOTICE_NOT_OVER: ["议程公示期未满，还不能公示专款；请在可以表决的日期之后再办", "The notice of the agenda has not run out; publish the fund once the topic may be voted on"],
  OVER: ["投票时间已过，这一步不能再办", "The time of voting is over; this can no longer be done"],
  STILL_OPEN: ["投票时间未到，到期后才能截止", "Slips may be cast until its end; close it after that"],
  PRINTED: ["选票已经生成过；只能生成一次，以免有人多持一张", "The slips were given out already; they are printed once, so that nobody holds a second one"],
  UNKNOWN_CODE: ["没有这张选票，请对照选票重新输入凭证号", "There is no such slip; compare the code with your slip and type it again"],
  CAST_ALREADY: ["这张选票已选过其他项目，以先选的为准", "This slip was cast already, for other projects; what was cast first stands"],
  NOT_CAST: ["这张选票没有投出，没有分到份额", "This slip was not cast, so it was given no share"],
  COMPUTING: ["正在计算结果，请稍后刷新", "The outcome is being computed; look again in a while"],
  OUT_OF_DATE: ["计算结果已过时，请刷新", "What was computed is out of date; reload"],
  NO_TIE: ["没有等待抽签的平局", "No tie waits for a number"],
  DECIDED: ["专款已经决定，不能再改", "The fund is decided; nothing more happens to it"],
  NOT_DECIDED: ["专款还没有决定，请在决定后再看", "The fund is not decided yet; look again once it is"],
};
