// What residents say in a conversation: its statements, who judges them how, and judging without a page.
import { randomUUID } from "node:crypto";

export const [AGREE, PASS, DISAGREE] = [1, 2, 3];
export const SEEDS = [
  "应该减少一部分绿地来增加停车位",
  "每户第二辆车应当允许停在小区里面",
  "夜间可以允许在次要道路单侧停车",
  "孩子活动的草坪一块也不能动",
  "第二辆车应当收更高的停车费",
  "晚上应当限制外来车辆进入小区",
  "消防通道任何时候都不能停车",
  "周边单位的停车场晚上应当向居民开放",
  "停车收入的去向应当每季度公布一次",
  "车位怎样分配应当由居民一起定规则",
];
/** What a resident adds. */
export const OWN = "新增的车位应当先给行动不便的老人使用";
export const STATEMENTS = SEEDS.length + 1;

/** What somebody says of a statement: two ways of seeing 1 to 6, and what both share. */
export function judgementOf(person, number) {
  if (number > 6) return (person * 7 + number) % 9 === 0 ? PASS : AGREE;
  const forCars = person % 2 === 0;
  const wavers = (person * 5 + number * 3) % 11 === 0;
  if (wavers) return PASS;
  return forCars === number <= 3 ? AGREE : DISAGREE;
}

/** The other residents judge by the same public rpc without a page: thirty times the same clicks would tell nothing more. */
export async function sayDirectly(address, conversationId, codes, first) {
  const judge = async (person, code) => {
    for (let number = 1; number <= STATEMENTS; number += 1) await judgeStatement(address, conversationId, code, number, judgementOf(person, number));
  };
  await Promise.all(codes.map((code, nth) => judge(first + nth, code)));
}

async function judgeStatement(address, conversationId, code, number, judgement) {
  const text = (field, value) => Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), Buffer.from(value)]);
  const message = Buffer.concat([text(1, conversationId), text(2, code), Buffer.from([3 << 3, number, 4 << 3, judgement])]);
  const frame = Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]);
  const answer = await fetch(new URL("/grpc/gongzhi.deliberation.v1.ConversationService/JudgeStatement", address), {
    method: "POST",
    headers: { "content-type": "application/grpc-web+proto", "x-grpc-web": "1", "idempotency-key": randomUUID() },
    body: frame,
  });
  const said = Buffer.from(await answer.arrayBuffer()).toString("latin1");
  if (!answer.ok || (answer.headers.get("grpc-status") ?? "0") !== "0" || !/grpc-status: ?0/.test(said)) throw new Error(`judging directly: ${answer.status} ${answer.headers.get("grpc-message") ?? said}`);
}
