import { describe, expect, it } from "vitest";
import { bytesInWords, isPicture, kindInWords, MOST_BYTES, namedWithEnding, objectionTo } from "./files.ts";
import { eventOf, tellingOf } from "./roomFacts.ts";

const bytes = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const PNG = bytes("\x89PNG\r\n\x1a\n\0\0\0\r");
const JPEG = bytes("\xff\xd8\xff\xe0");
const ZIP = bytes("PK\x03\x04\x14\0");

describe("files", () => {
  it.each([
    ["现场.png", PNG],
    ["IMG_1.JPEG", JPEG],
    ["a.webp", bytes("RIFF\x10\0\0\0WEBP")],
    ["a.gif", bytes("GIF89a")],
    ["a.pdf", bytes("%PDF-1.7")],
    ["会议纪要.docx", ZIP],
    ["清单.v2.xlsx", ZIP],
    ["a.pptx", ZIP],
  ])("%s may be handed in", (name, head) => {
    expect(objectionTo(name, 100, head, "zh")).toBeUndefined();
  });

  it.each([
    ["a.png", 0, PNG, "文件是空的"],
    ["a.png", MOST_BYTES + 1, PNG, "文件 20.1 MiB，超过 20 MiB 的上限，请压缩后再传"],
    ["a.png", 100, JPEG, "内容是JPEG 图片，文件名应以 .jpg 或 .jpeg 结尾"],
    ["a.zip", 100, ZIP, "内容是Office 文档，文件名应以 .docx 或 .xlsx 或 .pptx 结尾"],
    ["a", 100, PNG, "内容是PNG 图片，文件名应以 .png 结尾"],
  ])("%s of %d bytes may not", (name, size, head, said) => {
    expect(objectionTo(name, size, head, "zh")).toBe(said);
  });

  it("of other kinds are told by their first bytes, whatever they are called", () => {
    expect(objectionTo("a.png", 100, bytes("<svg xmlns"), "en")).toMatch(/^Files of this kind are not taken/);
    expect(objectionTo("a.pdf", 100, bytes("MZ"), "en")).toMatch(/^Files of this kind are not taken/);
    expect(objectionTo("a.webp", 100, bytes("RIFF\x10\0\0\0WAVE"), "en")).toMatch(/^Files of this kind are not taken/);
  });

  it("of exactly the limit may be handed in", () => {
    expect(objectionTo("a.png", MOST_BYTES, PNG, "zh")).toBeUndefined();
  });

  it("without an ending get that of their kind", () => {
    expect(namedWithEnding("image", JPEG)).toBe("image.jpg");
    expect(namedWithEnding("image.png", JPEG)).toBe("image.png");
    expect(namedWithEnding("report", ZIP)).toBe("report");
  });

  it("are told in words", () => {
    expect([0, 1023, 3400, MOST_BYTES].map(bytesInWords)).toEqual(["0 B", "1023 B", "3.4 KiB", "20 MiB"]);
    expect(kindInWords("application/pdf", "zh")).toBe("PDF 文件");
    expect(kindInWords("text/x-new", "zh")).toBe("text/x-new");
    expect([isPicture("image/png"), isPicture("image/svg+xml"), isPicture("application/pdf")]).toEqual([true, false, false]);
  });
});

describe("facts of a room", () => {
  const names = { categoryName: (code: string) => `<${code}>`, departmentName: (code: string) => `[${code}]`, organizationName: (key: string) => (key ? `(${key})` : "") };
  const golden = import.meta.glob<string>("../../../../../proto/golden/*.json", { query: "?raw", import: "default", eager: true });
  const told = (fact: string, language: "zh" | "en" = "zh") => {
    const event = Object.entries(golden).find(([path]) => path.endsWith(`/${fact}.json`))?.[1] ?? "";
    return tellingOf(fact, eventOf(event), language, names);
  };

  it("tell what is in them", () => {
    expect(told("dispatch.whistle_sounded").phrases).toEqual(["蓝牌", "综合执法", "<fire.lane.obstructed>", "[urban-management]", "完成截止 2025年11月23日 10:00"]);
    expect(told("dispatch.case_climbed", "en").phrases).toHaveLength(1);
    expect(told("dispatch.case_rated").phrases).toEqual(["满意", "第 2 轮", "第 2 位反映人"]);
    expect(told("exchange.room_closed")).toEqual({ phrases: ["(department/urban-management)", "发言和材料 2 条"], text: "车道由物业划线,综合执法每周两次巡查,社区一个月后回访", late: false });
    expect(told("exchange.room_opened").phrases).toEqual(["(department/urban-management)", "(department/urban-management)"]);
  });

  it.each(Object.keys(golden))("%s is told without a code of the contract", (path) => {
    const fact = path.split("/").at(-1)?.replace(/\.json$/, "") ?? "";
    const { phrases } = told(fact);
    expect(phrases.filter((phrase) => phrase === "" || /[A-Z]+_[A-Z]+|Invalid|\{/.test(phrase))).toEqual([]);
  });

  it("of departments tell their plain fields", () => {
    const event = eventOf(JSON.stringify({ id: "1", area: "330105001052", data: { binId: "7", percent: 95, tags: ["a"], empty: "" } }));
    expect(event).toMatchObject({ id: "1", areaCode: "330105001052", caseId: "" });
    expect(tellingOf("dept-urban-management.bin_overflowed", event, "zh", names).phrases).toEqual(["binId: 7", "percent: 95"]);
  });

  it("tell nothing where nothing may be seen", () => {
    expect(tellingOf("dispatch.case_closed", eventOf("{}"), "zh", names)).toEqual({ phrases: [], text: "", late: false });
    expect(eventOf("no json").id).toBe("");
  });
});
