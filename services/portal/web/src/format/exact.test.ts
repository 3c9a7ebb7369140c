import { describe, expect, it } from "vitest";
import { compare, exactFen, exactOf, NOTHING, plus, times, yuanInWords } from "./exact.ts";

const read = (text: string) => exactOf(text)!;

describe("exact amounts", () => {
  it("are read as records write them", () => {
    expect(read("3.25")).toEqual({ numerator: 13n, denominator: 4n });
    expect(read("22/7")).toEqual({ numerator: 22n, denominator: 7n });
    expect(compare(read("-0.5"), exactFen(-50n))).toBe(0);
    for (const wrong of ["", "1/0", "a", "1.", "½"]) expect(exactOf(wrong)).toBeUndefined();
  });

  it("add up without rounding", () => {
    expect(compare(plus(plus(read("1/3"), read("1/3")), read("1/3")), read("1"))).toBe(0);
    expect(compare(times(read("22/7"), 7), read("22"))).toBe(0);
    expect(plus(NOTHING, NOTHING)).toEqual(NOTHING);
    expect(compare(read("0.333333"), read("1/3"))).toBe(-1);
  });

  it("say so where they are rounded", () => {
    expect(yuanInWords(read("1234.5"), "zh")).toBe("¥1,234.50");
    expect(yuanInWords(read("22/7"), "zh")).toBe("约 ¥3.14");
    expect(yuanInWords(read("199999/200000"), "en")).toBe("about ¥1.00");
  });
});
