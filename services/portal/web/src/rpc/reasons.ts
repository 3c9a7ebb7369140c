// Refusals in words: the stable reason of a service, else what its kind means, else what the service itself said.
import { type Language, type Pair, pick, say } from "../app/words/index.ts";
import type { Failure } from "./failure.ts";

const REASONS: Readonly<Record<string, Pair>> = {
  WRONG_CREDENTIALS: ["账号或密码不对", "The account or the password is wrong"],
  INVALID_CREDENTIALS: ["账号或密码不对", "The account or the password is wrong"],
  WRONG_PASSWORD: ["账号或密码不对", "The account or the password is wrong"],
  ACCOUNT_LOCKED: ["密码连续输错，账户已锁定 15 分钟", "Too many wrong passwords; the account is locked for 15 minutes"],
  NOT_SIGNED_IN: ["请先登录", "Please sign in first"],
  TOKEN_EXPIRED: ["登录已过期，请重新登录", "Your session has ended; sign in again"],
  NOT_PERMITTED: ["您的岗位没有这项权限", "Your post does not permit this"],
  PERMISSION_DENIED: ["您的岗位没有这项权限", "Your post does not permit this"],
  OUTSIDE_AREA: ["不在您的辖区内", "This is outside your area"],
  NOT_FOUND: ["找不到，或不在您的辖区", "Not found, or outside your area"],
  NOT_CALLED: ["本次吹哨没有呼叫该部门", "This whistle does not call that department"],
  NOT_REPORTED_IN: ["该部门还没有报到", "The department has not reported in yet"],
  NOT_ALL_DONE: ["还有部门没有完成：事不完，人不撤", "Some departments are not done yet"],
  NOT_FINISHED: ["还有部门没有完成：事不完，人不撤", "Some departments are not done yet"],
  WHISTLE_OPEN: ["案件上的吹哨还没有验收", "The whistle on this case has not been accepted yet"],
  WHISTLE_NOT_ACCEPTED: ["案件上的吹哨还没有验收", "The whistle on this case has not been accepted yet"],
  ALREADY_WHISTLED: ["案件上已有未结的吹哨", "A whistle is already open on this case"],
  ALREADY_CLOSED: ["已经结束", "This has ended already"],
  ALREADY_DONE: ["已经办过了", "This has been done already"],
  ALREADY_RECORDED: ["这次回访已经记录过", "This visit has been recorded already"],
  VISIT_WITHDRAWN: ["案件已重办，这次回访不再需要", "The case was reopened, so this visit is no longer needed"],
  ALREADY_REFUSED: ["该部门已经退回，正等裁定", "The department has refused already and waits for the decision"],
  NOT_REFUSED: ["该部门没有退回", "The department has not refused"],
  WRONG_PHASE: ["案件现在的阶段不能这样办理", "The case is not in a phase that allows this"],
  WRONG_RUNG: ["案件不在这一层级", "The case does not stand on this rung"],
  TOP_OF_LADDER: ["已经在最高层级", "It stands on the highest rung already"],
  NOT_IN_ESTATE: ["案件不在小区内，不能召集三方", "The case lies in no estate, so the three parties cannot be convened"],
  SUSPENSION_PENDING: ["已有缓办申请等待批准", "A suspension is already waiting for approval"],
  NO_SUSPENSION: ["没有缓办申请", "No suspension was requested"],
  CLOCK_SKEW: ["时间不一致，请刷新后再试", "The clocks disagree; reload and try again"],
  IDEMPOTENCY_KEY_REUSED: ["同一次提交的内容被改动，请重新打开表单", "The submission was changed; open the form again"],
  VERSION_CONFLICT: ["有人刚刚改动过，请刷新后再试", "Somebody has just changed this; reload and try again"],
};

/** Says a failure in one sentence. */
export function inWords(failure: Failure, language: Language): string {
  const known = REASONS[failure.reason];
  if (known) return pick(language, known);
  const general = say(language, `failure.${failure.kind}`);
  const said = failure.message.trim();
  const tellsMore = failure.kind === "refused" || failure.kind === "conflict" || failure.kind === "invalid";
  if (!tellsMore || said === "" || failure.violations.length > 0) return general;
  return language === "zh" ? `${general}（${said}）` : `${general} (${said})`;
}

/** Says the reason of a refused sign-in, with what the server said where the reason is not known. */
export function signInInWords(reason: string, message: string, language: Language): string {
  const known = REASONS[reason];
  return known ? pick(language, known) : message || say(language, "signIn.failed");
}
