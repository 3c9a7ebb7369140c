import { describe, expect, it } from "vitest";
import { violationInWords } from "./violations.ts";

const sources = import.meta.glob<string>(["../../../../{chassis,deliberation,dispatch,organization}/src/**/*.rs", "!**/tests/**"], { query: "?raw", import: "default", eager: true });

/** The last sentence in each `add(…)`, which is what is said of the field, with `{}` for what is put in. */
const said = [
  ...new Set(
    Object.values(sources).flatMap((text) =>
      [...text.matchAll(/\.add\(\s*((?:[^";]|"(?:[^"\\]|\\.)*")*?)\);/g)].flatMap((call) => {
        const texts = [...(call[1] ?? "").matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((found) => found[1] ?? "");
        return texts.filter((one) => /^[a-z{].* /.test(one)).slice(-1);
      }),
    ),
  ),
].map((one) => one.replace(/\{[^}]*\}/g, "{}"));

/** What only programs get wrong: an id or a value of the contract, said as the parser says it. */
const OF_PROGRAMS = ["must be {}", "must be {} to {}"];

describe("field errors of the services", () => {
  it("are read from the sources", () => {
    expect(said).toEqual(expect.arrayContaining(["must have {} to {} characters, has {}", "must hold at least one of each block", "holds personal data ({}); write it without"]));
    expect(said.length).toBeGreaterThan(60);
  });

  it.each(said.filter((one) => !OF_PROGRAMS.includes(one)))("%s is said in Chinese", (one) => {
    expect(violationInWords(one.replaceAll("{}", "7"), "zh")).toMatch(/\p{Script=Han}/u);
  });

  it("keep their figures", () => {
    expect(violationInWords("must have 2 to 60 characters, has 71", "zh")).toBe("须为 2 至 60 个字，现为 71 个");
    expect(violationInWords("must have 2 to 60 characters, has 71", "en")).toBe("must have 2 to 60 characters, has 71");
    expect(violationInWords("is something new", "zh")).toBe("is something new");
  });
});
