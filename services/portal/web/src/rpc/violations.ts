// Field errors of the services in Chinese. They say them in English, as texts with figures in them; a test reads the sources and fails for one that has no words here.
import type { Language } from "../app/words/index.ts";

/** What a service says, `{}` where it puts something in; and the same in Chinese, with the places numbered. Of several that fit, the first counts. */
const SAID: readonly (readonly [said: string, zh: string])[] = [
  // Every service
  ["is required, {} to {} characters", "必填，{0} 至 {1} 个字"],
  ["must have {} to {} characters, has {}", "须为 {0} 至 {1} 个字，现为 {2} 个"],
  ["must have 10 to 200 characters, or be empty for another issuer", "须为 10 至 200 个字；由统一身份平台管理的账号留空"],
  ["must have at most {} bytes", "最多 {0} 字节"],
  ["must not hold control characters", "含有不可见的控制字符"],
  ["must be one line", "须为一行"],
  ["must be stated", "请选择"],
  ["must be stated: {}", "请选择"],
  ["must be the next_page_token of an answer", "翻页标记已失效，请从第一页看起"],
  ["must be 1 to {}, or 0 for {}", "须为 1 至 {0}；0 表示 {1}"],
  ["has no value {}", "没有 {0} 这个选项"],
  ["holds a {}; say why without it", "含有个人信息，请删去后再说明理由"],
  ["holds personal data ({}); write it without", "含有个人信息，请删去姓名、电话、证件号等"],
  // Figures
  ["must be 1 or more", "须为 1 或以上"],
  ["must be 0 or more", "不能为负"],
  ["must be a number from 1", "须为从 1 起的编号"],
  ["must be 0 to {}, in 0.01 m²", "须为 0 至 {0}，单位 0.01 平方米"],
  ["must be {} to {} days after opens_at", "须在开始后 {0} 至 {1} 天"],
  ["must be {} to {} digits", "须为 {0} 至 {1} 位数字"],
  ["must be 1 to 30 digits", "须为 1 至 30 位数字"],
  ["must be {} digits", "须为 {0} 位数字"],
  ["must be 1 to {} posts", "须为 1 至 {0} 个岗位"],
  ["must be {} to {}, are {}", "须为 {0} 至 {1} 个，现为 {2} 个"],
  ["must be at most {}, are {}", "最多 {0} 个，现为 {1} 个"],
  ["must be {} at most", "最多 {0} 个"],
  ["must be -180 to 180 degrees", "经度须为 -180 至 180 度"],
  ["must be -90 to 90 degrees", "纬度须为 -90 至 90 度"],
  ["must be degrees, -{} to {}", "须为度数，-{0} 至 {1}"],
  // Days and times
  ["must lie in the future", "须晚于现在"],
  ["must lie within {} days", "须在 {0} 天以内"],
  ["must be a day like 2026-12-31", "须为日期，如 2026-12-31"],
  ["must be a day as in 2026-11-23", "须为日期，如 2026-11-23"],
  ["must be a day after today", "须晚于今天"],
  ["must not lie after the meeting", "不能晚于开会之日"],
  ["must not be before from_day", "不能早于起始日"],
  // Places
  ["must lie in the community {}", "须在本社区（{0}）以内"],
  ["must lie in {}, the district that is served here", "须在本平台服务的区（{0}）以内"],
  ["must be {}, the district that is served here", "须为本平台服务的区（{0}）"],
  ["must be a community: 12 digits", "请选到社区"],
  ["must be a community, an estate or a building: 12, 15 or 18 digits", "请选到社区、小区或楼栋"],
  ["must be a community, an estate or a building", "请选到社区、小区或楼栋"],
  ["must be the code of a district, a sub-district or a community", "须为区、街道或社区的代码"],
  ["must not be a level above the area", "不能高于所选区域的层级"],
  ["is required with longitude", "有经度时须填纬度"],
  ["is required with latitude", "有纬度时须填经度"],
  // Lists
  ["stands there twice", "重复了"],
  ["is named twice", "重复了"],
  ["must not be stated twice", "重复了"],
  ["must have different names", "名称不能相同"],
  ["must be different", "不能相同"],
  ["must name 1 to {} departments, names {}", "须点 1 至 {0} 个部门，现为 {1} 个"],
  ["must name 1 to {} departments", "须点 1 至 {0} 个部门"],
  ["must name at most {} cases, names {}", "最多 {0} 件，现为 {1} 件"],
  ["{} is not a registered department", "{0} 不是已登记的部门"],
  ["must be empty for {}", "该岗位不填此项"],
  ["must be a {} for {}", "该岗位须选另一层级的区域"],
  ["is required for {}", "该岗位须填此项"],
  // Topics, agendas, ballots, resolutions
  ["must be 64 hexadecimal digits, or empty", "须为 64 位十六进制摘要，或留空"],
  ["must be 64 hexadecimal digits", "须为 64 位十六进制摘要"],
  ["must be the 12 signs of a slip, like 7QK4-2MZ9-R3TV", "须为凭证上的 12 个字符，如 7QK4-2MZ9-R3TV"],
  ["must be the ten symbols of a slip", "须为选票上的 10 个字符"],
  ["must be open for owners: their areas would tell who voted how", "业主表决须记名：面积会暴露谁怎样投票"],
  ["is required: something that was decided", "须有依据：表决、动议或四议两公开的结果"],
  ["must be under way, fulfilled or given up", "须为进行中、已落实或已放弃"],
  ["are called by a whistle only", "只有吹哨目标才点名部门"],
  ["must name each topic once", "每个议题只列一次"],
  // Meetings and procedures
  ["must name each seat once, at most {}", "每个席位只列一次，最多 {0} 个"],
  ["must hold at least one of each block", "政府主体和社会主体至少各一席"],
  ["belongs to the other block on another seat", "同一方在别的席位上属于另一主体"],
  ["must be absent in a roll call, which is counted from it", "唱名表决按席位计票，不填合计"],
  ["must be empty unless the vote is by roll call", "只有唱名表决才按席位填写"],
  ["must not be the owners, who decide by ballot", "业主大会以表决票决定，不走四议两公开"],
  // Pools and funds
  ["want {} members at least, of {} seats", "下限合计 {0} 人，超过席位 {1}"],
  ["allow {} members at most, for {} seats", "上限合计只有 {0} 人，不足席位 {1}"],
  ["must not be more than the maximum, {}", "不能高于上限 {0}"],
  ["must be true: nobody is taken in who has not agreed", "须经本人同意才能登记"],
  ["must be empty: this pool does not ask for households", "本次不按住户抽选，不填住户"],
  ["must be the number of a volunteer, from 1", "须为报名编号，从 1 起"],
  ["must be numbers of members, at least one", "须为代表的编号，至少一个"],
  ["must have one of each category; missing: {}", "每个类别都要选一项，还缺：{0}"],
  ["is no category of this pool", "本次抽选没有这个类别"],
  ["is no feature of its category", "该类别没有这个选项"],
  ["must be the number of a project, from 1", "须为项目编号，从 1 起"],
  ["is no project of this fund", "没有这个项目"],
  ["was taken back", "该项目已撤回"],
  // Conversations and points of balance
  ["must be absent for what is accepted", "采用时不填理由"],
  ["must be 2 to 20 of a-z, 0-9 and hyphens", "须为 2 至 20 个小写字母、数字或连字符"],
  // What is left of numbers, and what says itself
  ["must be {} to {}", "须为 {0} 至 {1}"],
  ["is required", "必填"],
];

const PATTERNS = SAID.map(([said, zh]) => {
  const parts = said.split("{}").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return { pattern: new RegExp(`^${parts.join("(.+?)")}$`), zh };
});

/** A field error in words; as the service said it where there are none. */
export function violationInWords(said: string, language: Language): string {
  if (language === "en") return said;
  for (const { pattern, zh } of PATTERNS) {
    const found = pattern.exec(said);
    if (found) return zh.replace(/\{(\d)\}/g, (_, place: string) => found[Number(place) + 1] ?? "");
  }
  return said;
}
