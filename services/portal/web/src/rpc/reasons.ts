// Refusals in words: the stable reason of a service, else what its kind means, else what the service itself said.
// A test reads the sources of the services and fails for a reason that has no words here.
import { type Language, type Pair, pick, say } from "../app/words/index.ts";
import type { Failure } from "./failure.ts";

const REASONS: Readonly<Record<string, Pair>> = {
  // Every service
  IDEMPOTENCY_KEY_REUSED: ["同一次提交的内容被改动，请重新打开表单", "The submission was changed; open the form again"],
  CONFLICT: ["有人正在改动同一件事，请再试一次", "Somebody is changing the same thing; try again"],
  NOT_FOUND: ["找不到，或不在您的辖区", "Not found, or outside your area"],
  FORBIDDEN: ["您的岗位没有这项权限", "Your post does not permit this"],
  // Signing in, people, divisions
  ACCOUNT_LOCKED: ["密码连续输错，请 15 分钟后再试", "Too many wrong passwords; wait 15 minutes, then try again"],
  OTHER_ISSUER: ["账号由统一身份平台管理，请在那里登录", "Accounts are kept elsewhere; sign in there"],
  ACCOUNT_TAKEN: ["账号已被使用", "The account name is taken"],
  ALREADY_APPOINTED: ["已经任用", "The person is appointed already"],
  NOT_APPOINTED: ["该人员尚未任用", "The person is not appointed"],
  TOO_MANY_POSTS: ["该人员的岗位已达上限", "The person holds as many posts as one may hold"],
  DEPARTMENT_NOT_REGISTERED: ["该部门尚未登记", "The department is not registered"],
  ALREADY_REGISTERED_OTHERWISE: ["该部门代码已用于另一个名称", "The code of the department is registered under another name"],
  AMBIGUOUS_DIVISIONS: ["新旧区划无法一一对应，请说明", "Old and new divisions cannot be matched; say which is which"],
  // Cases
  NO_SUCH_CASE: ["没有这件案件", "There is no such case"],
  ALREADY_REGISTERED: ["案件已经登记", "The case is registered already"],
  UNKNOWN_CATEGORY: ["没有这个类别", "There is no such category"],
  AREA_TOO_WIDE: ["请选到社区、小区或楼栋", "Choose a community, an estate or a building"],
  GRID_ELSEWHERE: ["定位的网格不属于所选社区，请核对地点", "The grid of your position lies in another community; check the place"],
  NOT_ACCEPTED: ["案件还没有受理", "The case is not accepted yet"],
  ALREADY_ACCEPTED: ["案件已经受理", "The case is accepted already"],
  CONSULTATION_OPEN: ["三方协商还没有结论", "The three parties have not concluded yet"],
  NO_CONSULTATION: ["没有进行中的三方协商", "No consultation is open"],
  NOT_IN_ESTATE: ["案件不在小区内，不能召集三方", "The case lies in no estate, so the three parties cannot be convened"],
  NOT_AT_COMMUNITY: ["案件已不在社区层级，不能召集三方", "The case no longer stands at the community, which alone convenes the three parties"],
  CONSULTATION_FIRST: ["小区内的案件须先由三方协商认定超出小区能力", "In an estate the three parties must first find that it is beyond them"],
  AT_TOP: ["已经在最高层级", "It stands on the highest rung already"],
  NOT_AT_SUB_DISTRICT: ["案件不在街道层级，只有街道可以吹哨", "Only the sub-district sounds a whistle, and the case does not stand there"],
  WHISTLE_OPEN: ["案件上的吹哨还没有验收或撤回", "The whistle on this case is neither accepted nor withdrawn yet"],
  NO_WHISTLE: ["案件上没有未结的吹哨", "No whistle is open on the case"],
  NOT_SETTLED: ["案件还没有办结", "The case is not settled yet"],
  ALREADY_SETTLED: ["案件已经办结", "The case is settled already"],
  ALREADY_VERIFIED: ["案件已经核查，正在回访", "The case is verified and its reporters are being visited"],
  REPORT_ANEW: ["案件已经办结，请登记新的诉求", "The case is settled; register a new one"],
  SUSPENSION_PENDING: ["已有缓办申请等待批准", "A suspension is already waiting for approval"],
  ALREADY_SUSPENDED: ["案件已在缓办中", "The clocks stand still already"],
  NO_SUSPENSION_REQUESTED: ["没有等待批准的缓办申请", "No suspension waits for approval"],
  UNTIL_OUT_OF_RANGE: ["缓办须在今后 90 天以内结束", "A suspension ends within the next 90 days"],
  NO_SUCH_REPORTER: ["案件没有这位反映人", "The case has no such reporter"],
  CONTACT_ERASED: ["该反映人的联系方式已应要求销毁，无法查看", "How this reporter can be reached was erased on request and cannot be read"],
  CASE_CLOSED: ["案件已结案，请登记新的诉求", "The case is closed; register a new one"],
  CASE_VOID: ["案件已作废，请登记新的诉求", "The case is void; register a new one"],
  // Whistles
  NO_SUCH_WHISTLE: ["没有这次吹哨", "There is no such whistle"],
  ALREADY_SOUNDED: ["已经吹哨", "The whistle was sounded already"],
  NO_DEPARTMENT: ["请至少呼叫一个部门", "A whistle calls at least one department"],
  ALREADY_ACCEPTED_RESULT: ["联合处置结果已经验收", "The joint result was accepted already"],
  WHISTLE_WITHDRAWN: ["吹哨已撤回", "The whistle was withdrawn"],
  NOT_CALLED: ["没有呼叫该单位，不能参与这次吹哨或研判", "That organization is not called to this whistle or room"],
  EXCUSED: ["该部门已被免除", "The department is excused from this whistle"],
  NOT_REPORTED_IN: ["该部门还没有报到", "The department has not reported in yet"],
  ALREADY_DONE: ["该部门已经办结", "The part of this department is done already"],
  REFUSED_TOO_OFTEN: ["已退回两次并经裁定，不能再退回", "Refused twice and decided; it cannot be refused again"],
  NO_REFUSAL_OPEN: ["没有等待裁定的退回", "No refusal waits for a decision"],
  NOT_DONE: ["该部门还没有办结", "The part of this department is not done yet"],
  NOT_FINISHED: ["还有部门没有完成：事不完，人不撤", "Some departments are not done yet"],
  // Grids and visits
  NOT_DRAWN: ["网格还没有划定", "The grid is not drawn yet"],
  NOT_ON_ROSTER: ["该人员不在这个网格上", "The person is not on the roster of the grid"],
  ROSTER_FULL: ["网格人员已满", "The roster of the grid is full"],
  NOT_OPENED: ["没有这次回访", "There is no such visit"],
  ALREADY_RECORDED: ["这次回访已经记录过", "This visit has been recorded already"],
  VISIT_WITHDRAWN: ["案件已重办或作废，这次回访不再需要", "The case was reopened or voided, so this visit is no longer needed"],
  // Grants, subscriptions, delivery
  ABSENT: ["找不到这一项，请刷新列表", "There is no such thing; read the list again"],
  ALREADY_REQUESTED: ["这项授权已经申请过", "This grant was asked for already"],
  OWN_REQUEST: ["本人提出的申请须由他人审批", "Somebody else must approve what you asked for yourself"],
  ALREADY_DECIDED: ["这项申请已经有人审批，请刷新查看结果", "The request was decided already; reload to see how"],
  NOT_IN_FORCE: ["授权不在有效期内，无需撤销", "The grant is not in force, so there is nothing to revoke"],
  ENDS_IN_THE_PAST: ["到期时间已过，请选择更晚的时间；申请已过期的，请单位重新申请", "It would end before it begins: choose a later end, or have it asked for anew"],
  LATER_THAN_ASKED: ["到期时间只能比申请的早，不能更晚", "The end may be earlier than was asked for, not later"],
  TOO_LONG: ["授权最长 366 天，到期后请重新申请", "A grant is given for at most 366 days; ask again when it ends"],
  ALREADY_MADE: ["已经提交过", "This was made already"],
  HAS_ENDED: ["订阅已结束，请新建订阅", "The subscription has ended; make a new one"],
  ALREADY_PAUSED: ["订阅已经暂停", "The subscription is paused already"],
  NOT_PAUSED: ["订阅没有暂停，无需恢复", "The subscription is not paused"],
  NOT_OVER_NATS: ["只有消息总线方式才签发凭证", "Only subscriptions of the way NATS have credentials"],
  NATS_CREDENTIALS_NOT_ISSUED: ["本平台未配置签发 NATS 凭证，请联系区平台管理员", "This installation issues no NATS credentials; ask the platform operator"],
  ALREADY_REVOKED: ["发布凭证已经收回", "The credentials were taken back already"],
  CREDENTIALS_TOLD_ONCE: ["凭证只显示一次，请重新签发", "Credentials are told once; issue new ones"],
  NOT_A_WEBHOOK: ["只有回调方式才有签名和测试；其他方式请直接接收来核对", "Only webhooks are signed and tested; receive facts to check another way"],
  NOT_ACTIVE: ["订阅已暂停或已结束，恢复后才投递", "The subscription is paused or has ended; resume it to receive"],
  NOT_PULLED: ["这项订阅不以拉取方式投递；需要拉取请新建订阅", "This subscription is not pulled; make one that is"],
  REWOUND: ["订阅已回溯，请重新接收", "The subscription was rewound; receive anew"],
  // Joint judgement
  ALREADY_OPENED: ["已经发起过", "This was opened already"],
  CLOSED: ["研判已结束，不能再改动", "The room is closed and takes nothing more"],
  ALREADY_CALLED: ["该单位已在本次研判中", "That organization is in the room already"],
  NOT_OPENER: ["只有发起单位可以增邀单位、结束研判", "Only the organization that opened the room may do this"],
  TOO_MANY_ORGANIZATIONS: ["参加单位已达上限", "The room holds as many organizations as it may"],
  TOO_MANY_ENTRIES: ["发言和材料已达上限，请结束本次研判；还需要时再发起一次", "The room holds as many entries as it may; close it and open another if need be"],
  TOO_MUCH_EVIDENCE: ["本次研判的材料已达 500 MiB，请先撤回不需要的材料", "The files of this room have 500 MiB; withdraw what is not needed"],
  ALREADY_ADDED: ["这一条已经提交过", "This was added already"],
  ALREADY_WITHDRAWN: ["这一条已经撤回", "This was withdrawn already"],
  NOT_YOURS: ["只能撤回本单位提交的内容", "Only what your own organization added can be withdrawn"],
  // Topics and agendas
  ALREADY_BEGUN: ["已经提交过", "This was begun already"],
  NOT_WORDED: ["系统提出的议题还没有拟写题目，请先拟写", "The system raised this topic and nobody has worded it; word it first"],
  PUBLISHED: ["已经公示，不能再改", "It is published and stays as it is"],
  NOT_SCHEDULED: ["议题不在已公示的议程上，未公示的不能决定", "The topic is on no published agenda; what was not published is not decided"],
  TOPIC_ENDED: ["议题已并入、不予上会或已形成决议，不能再改动", "The topic was merged, declined or resolved; nothing more happens to it"],
  CANNOT_MERGE: ["不能并入自己或其他社区的议题", "A topic is merged into another one of the same community only"],
  TOO_MANY_HOUSEHOLDS: ["支持的住户数已达上限", "No more households can be noted for this topic"],
  ALREADY_DRAWN_UP: ["这份议程已经拟定", "This agenda was drawn up already"],
  NO_TOPICS: ["本社区没有等待上会的议题", "No topic of this community waits for an agenda"],
  NO_LOT: ["没有等待抽签的席位", "No place waits for a lot"],
  NOT_A_NUMBER: ["请填写 1 到 30 位数字", "Enter 1 to 30 digits"],
  LOT_NOT_DRAWN: ["还有席位等待抽签，请先抽签", "Places wait for their lot; draw it first"],
  OTHER_TOPICS: ["新顺序须包含全部议题，每个一次；请刷新后再试", "The order must hold every topic once; reload and try again"],
  // Ballots
  NOT_OPEN_YET: ["投票还没有开始，请在开始后再投", "The ballot is not open yet; vote once it is"],
  BALLOT_ENDED: ["投票已截止，这一票没有收下", "The ballot has ended; the vote was not taken"],
  ALREADY_VOTED: ["这张凭证已投过另一种选择，以先投的为准", "Another vote was cast with this slip; it stands"],
  PAPER_BEING_ENTERED: ["这张凭证的纸质票正在录入，第二人录入后计入", "The paper with this slip is being entered; it counts once a second person has entered it"],
  ALREADY_PREPARED: ["这次表决已经准备", "This ballot was prepared already"],
  NOT_PUBLISHED: ["表决还没有公示，请先公示", "The ballot is not published yet; publish it first"],
  NOT_THE_NEXT_NUMBER: ["名册已有变动，请刷新后从下一个编号继续", "The roll has changed; reload and go on with the next number"],
  TOO_MANY_ELECTORS: ["名册人数已达上限", "The roll holds as many electors as it may"],
  UNSOLD_TWICE: ["未售、未交付的房屋合并为一行，名册里已经有了", "One line stands for all unsold units; there is one already"],
  AREA_MISMATCH: ["业主表决每行都要有面积，其他表决不录面积", "Every owner has an area, and nobody else does"],
  EMPTY_ROLL: ["名册是空的，请先录入", "The roll is empty; enter it first"],
  TOO_FEW_FOR_SECRET: ["人数太少，无记名会暴露投票；请改为记名", "Too few electors for a secret ballot: their votes would be known; make it an open one"],
  TOPIC_NOT_PUBLISHED: ["议题不在已公示的议程上，不能表决", "The topic is on no published agenda; what was not published cannot be voted on"],
  NOTICE_TOO_SHORT: ["议程公示期未满就开始投票；请推迟开始时间", "It opens before the notice of the agenda has run out; let it open later"],
  OPENS_IN_THE_PAST: ["开始时间已过，请重新准备并推迟", "It would have opened already; prepare it anew with a later time"],
  SLIPS_ALREADY_PRINTED: ["凭证已经生成过；只能生成一次，以免有人多持一张", "The slips were printed already; they are printed once, so that nobody holds a second one"],
  NO_SLIPS: ["还没有生成凭证，没有人能投票", "No slips were printed, so nobody could have voted"],
  STILL_OPEN: ["时间未到：表决须全部投完才能计票，征集提前结束须写明理由", "Its time has not passed: a ballot is counted once everybody has voted, a conversation is closed early with a reason"],
  HALF_ENTERED: ["还有纸质票只由一人录入，请第二人先录入", "Some papers were entered by one person only; a second one enters them first"],
  BALLOT_CLOSED: ["已经计票，不能再改", "The ballot is counted; nothing changes it"],
  NOT_CLOSED: ["还没有计票，没有记录", "It is not counted yet, so there is no record"],
  DIGEST_DIFFERS: ["摘要与记录不符，请重新读取或计算", "This is not the digest of the record; read it and compute it again"],
  // Resolutions
  ALREADY_ADOPTED: ["决议已经形成", "This resolution was adopted already"],
  NO_SUCH_GOAL: ["决议没有这项目标", "The resolution has no such goal"],
  FOLLOWS_FROM_CASE: ["这项目标由案件办理，进展随案件更新", "The goal is work of others; how far it is follows from their case"],
  GOAL_ENDED: ["这项目标已经结束", "The goal has ended; what was reported stays"],
  BALLOT_DECIDES: ["该议题已公示过表决，只能以表决为依据", "A ballot on the topic was published, so nothing else can be a basis"],
  NOT_DECIDED: ["所依据的没有作出决定，或表决记录签名不足", "What it rests on has not decided it, or too few have signed the record"],
  // Conversations
  TOPIC_NOT_OPEN: ["议题已经结束，不能再为它发起什么", "The topic is over; nothing more is opened on it"],
  CONVERSATION_CLOSED: ["征集已经结束", "The conversation is closed already"],
  CONVERSATION_ENDED: ["征集已经截止，没有收下", "The conversation has ended; this was not taken"],
  TOO_FEW_FOR_EXPORT: ["参与不满 30 人，不公布记录：从中可能看出谁说了什么", "Fewer than 30 people took part; a record could tell who said what, so there is none"],
  NO_MORE_STATEMENTS: ["这张凭证的意见已提满；还可以继续表态", "This slip has made all its statements; it can still judge those of others"],
  NO_SUCH_STATEMENT: ["这条意见已不采用，请看下一条", "This statement is not shown any more; go on with the next"],
  TOO_MANY_STATEMENTS: ["意见已满 2000 条，先不采用重复的，再试一次", "There are as many statements as can be judged; turn down duplicates first"],
  TOO_MUCH_FOR_A_MAP: ["表态太多，画不出地图；结束后请下载记录自行计算", "There is too much for a map; close it and compute one from the record"],
  // Points of balance
  NO_SUCH_PARTY: ["没有这一方，请刷新后再选", "There is no such party; reload and choose again"],
  POSITIONS_DO_NOT_FIT: ["分数与方案对不上，请刷新后重新填写", "The scores do not fit the options; reload and enter them again"],
  NOT_ALL_GIVEN: ["还有参与方没有提交立场，请等各方都提交后再开封", "Not all parties have given their positions; reveal once they have"],
  ALREADY_REVEALED: ["本轮已经开封；要改立场请进入下一轮", "This round was revealed; go on to the next round to change a position"],
  NOT_REVEALED: ["本轮还没有开封，请先开封", "This round was not revealed yet; reveal it first"],
  LAST_ROUND: ["轮次已满，不能再开下一轮", "This was the last round"],
  NOT_ALL_AGREE: ["须各方都同意；请确认每一方", "All parties must agree; check each of them"],
  ALREADY_AGREED: ["各方已经达成一致", "The parties have agreed already"],
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

/** Says why signing in did not succeed. Whether the account or the password is wrong is never told apart. */
export function signInInWords(reason: string, language: Language): string {
  if (reason === "UNAUTHENTICATED" || reason === "INVALID_FIELDS") return say(language, "signIn.wrong");
  const known = REASONS[reason];
  return known ? pick(language, known) : say(language, "signIn.failed");
}
