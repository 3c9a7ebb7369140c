import { describe, expect, it } from "vitest";
import { rulesOf } from "./fields.ts";
import type { FieldSpec } from "./specs.ts";

type Check = (rule: unknown, value: unknown) => Promise<void>;

/** What the form says of a value; nothing where it fits. */
async function said(field: FieldSpec, value: unknown): Promise<string> {
  const [rule] = rulesOf(field, "zh") as { validator: Check }[];
  return rule!.validator(undefined, value).then(
    () => "",
    (error: Error) => error.message,
  );
}

const field = (of: Record<string, unknown>) => ({ name: "it", label: "field.reason", ...of }) as FieldSpec;

describe("fields", () => {
  it("of money take what the fund has, with two decimals", async () => {
    const money = field({ kind: "money", mostFen: 100_00n });
    expect(await Promise.all(["100", "0.01", "99.5"].map((value) => said(money, value)))).toEqual(["", "", ""]);
    for (const wrong of ["0", "100.01", "1.234", "", "-1"]) expect(await said(money, wrong)).toContain("¥100.00");
  });

  it("of digits take as many as are drawn", async () => {
    const three = field({ kind: "digits", min: 3, max: 3 });
    expect(await said(three, "047")).toBe("");
    expect(await said(three, "47")).toBe("请填写 3 位数字");
    expect(await said(field({ kind: "digits", min: 6, max: 30 }), "12345")).toBe("请填写 6 到 30 位数字");
    expect(await said(field({ kind: "digits", max: 30 }), "1")).toBe("");
  });

  it("of counts have a least one", async () => {
    const households = field({ kind: "ordinal", min: 10, max: 100 });
    expect([await said(households, "10"), await said(households, "100")]).toEqual(["", ""]);
    expect(await said(households, "9")).toBe("请填写 10 到 100 的整数");
  });

  it("that may be left out are held to their limits when they are not", async () => {
    const group = field({ kind: "text", min: 1, max: 3, optional: true });
    expect([await said(group, ""), await said(group, undefined), await said(group, "空地")]).toEqual(["", "", ""]);
    expect(await said(group, "东侧空地")).toBe("请填写 1 到 3 个字");
  });

  it("of numbers want one at least", async () => {
    const numbers = field({ kind: "numbers", of: [3, 5] });
    expect(await said(numbers, [5])).toBe("");
    expect(await said(numbers, [])).not.toBe("");
  });
});
