// Refusals of points of balance in words.
import type { Reasons } from "./index.ts";

export const BALANCE: Reasons = {
  ALREADY_OPENED: ["这次平衡点征集已经启动", "This balance was opened already"],
  ABSENT: ["没有这次平衡点征集", "There is no such balance"],
  TOPIC_NOT_OPEN: ["议题已经结束，不能再为它启动", "The topic is over; nothing more is opened on it"],
  NO_SUCH_PARTY: ["没有这一方，请刷新后再选", "There is no such party; reload and choose again"],
  POSITIONS_DO_NOT_FIT: ["分数与方案对不上，请刷新后重新填写", "The scores do not fit the options; reload and enter them again"],
  NOT_ALL_GIVEN: ["还有参与方没有提交立场，请等各方都提交后再开封", "Not all parties have given their positions; reveal once they have"],
  ALREADY_REVEALED: ["本轮已经开封；要改立场请进入下一轮", "This round was revealed; go on to the next round to change a position"],
  NOT_REVEALED: ["本轮还没有开封，请先开封", "This round was not revealed yet; reveal it first"],
  LAST_ROUND: ["轮次已满，不能再开下一轮", "This was the last round"],
  NOT_ALL_AGREE: ["须各方都同意；请确认每一方", "All parties must agree; check each of them"],
  ALREADY_AGREED: ["各方已经达成一致", "The parties have agreed already"],
};
