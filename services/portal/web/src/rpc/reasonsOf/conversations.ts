// Refusals of conversations in words.
import type { Reasons } from "./index.ts";

export const CONVERSATION: Reasons = {
  ALREADY_OPENED: ["这次征集已经发起", "This conversation was opened already"],
  ABSENT: ["没有这次征集", "There is no such conversation"],
  ALREADY_MADE: ["这条意见已经提交", "This statement was made already"],
  STILL_OPEN: ["征集时间未到；提前结束须写明理由", "Its time has not passed; whoever closes it before gives a reason"],
  SLIPS_ALREADY_PRINTED: ["凭证已经生成过；只能生成一次，以免有人多持一张", "The slips were printed already; they are printed once, so that nobody holds a second one"],
  TOPIC_NOT_OPEN: ["议题已经结束，不能再为它发起什么", "The topic is over; nothing more is opened on it"],
  CONVERSATION_CLOSED: ["征集已经结束", "The conversation is closed already"],
  CONVERSATION_ENDED: ["征集已经截止，没有收下", "The conversation has ended; this was not taken"],
  TOO_FEW_FOR_EXPORT: ["参与不满 30 人，不公布记录：从中可能看出谁说了什么", "Fewer than 30 people took part; a record could tell who said what, so there is none"],
  NO_MORE_STATEMENTS: ["这张凭证的意见已提满；还可以继续表态", "This slip has made all its statements; it can still judge those of others"],
  NO_SUCH_STATEMENT: ["这条意见已不采用，请看下一条", "This statement is not shown any more; go on with the next"],
  TOO_MANY_STATEMENTS: ["意见已满 2000 条，暂时收不下；社区工作人员不采用重复的之后再试", "There are as many statements as can be judged; try again once community workers have turned down duplicates"],
  TOO_MUCH_FOR_A_MAP: ["表态太多，画不出地图；结束后请下载记录自行计算", "There is too much for a map; close it and compute one from the record"],
};
