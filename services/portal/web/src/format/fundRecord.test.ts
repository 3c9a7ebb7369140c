import { describe, expect, it } from "vitest";
import { yuanInWords } from "./exact.ts";
import { checkFund, type FundRecord, isSound, readPabulib, rowsOf } from "./fundRecord.ts";

// Three ballots share 9 yuan; two of them pay 3 for the first project, all of them 1 for the third.
const PABULIB = `META
key;value
budget;9.00
PROJECTS
project_id;cost;votes;name;exclusion_group;withdrawn
001;6.00;2;"充电棚;东侧";;0
002;7.50;1;"叫""凉亭""";;0
003;3.00;3;长椅;;0
004;1.00;0;已撤;;1
VOTES
voter_id;vote
1;001,003
2;001,003
3;002,003
`;

const RECORD: FundRecord = {
  compute: "gongzhi compute budget --rule mes_cost_add1 --ties cheaper --payments",
  tie_source: "当众摇号",
  tie_number: null,
  withdrawal_reasons: [null, null, null, "场地不合适,改在别处"],
  pabulib: PABULIB,
  outcome: {
    share_yuan: "4",
    rounds: [
      { project: 3, completion: false, payments: [{ yuan: "1", ballots: [1, 2, 3] }] },
      { project: 1, completion: false, payments: [{ yuan: "3", ballots: [1, 2] }] },
    ],
    winners: [3, 1],
    total_fen: 900,
    lost: [
      { project: 2, why: "too_little_left" },
      { project: 4, why: "withdrawn" },
    ],
    greedy: { winners: [3, 1], prefer_outcome: 0, prefer_greedy: 0 },
  },
};

const changed = (outcome: Partial<FundRecord["outcome"]>, pabulib = PABULIB) => checkFund({ ...RECORD, pabulib, outcome: { ...RECORD.outcome, ...outcome } });

describe("the record of a fund", () => {
  it("is read with quotes and semicolons in names", () => {
    expect(rowsOf('a;"b;""c"""\r\nd;\n')).toEqual([["a", 'b;"c"'], ["d", ""]]);
    const { projects, ballots } = readPabulib(PABULIB);
    expect(projects.map((one) => one.title)).toEqual(["充电棚;东侧", '叫"凉亭"', "长椅", "已撤"]);
    expect(ballots).toEqual([[1, 3], [1, 3], [2, 3]]);
  });

  it("keeps the numbers of projects where a tie was settled", () => {
    const { projects, ballots } = readPabulib(PABULIB.replaceAll("001", "004.001").replaceAll("003", "001.003"));
    expect(projects.map((one) => one.number)).toEqual([1, 2, 3, 4]);
    expect(ballots[0]).toEqual([1, 3]);
  });

  it("is sound when ballots, costs and payments agree", () => {
    const check = checkFund(RECORD);
    expect(isSound(check)).toBe(true);
    expect([...check.approvals]).toEqual([[1, 2], [2, 1], [3, 3], [4, 0]]);
    expect(yuanInWords(check.total, "zh")).toBe("¥9.00");
    expect(yuanInWords(check.left, "zh")).toBe("¥0.00");
  });

  it("is not when a count is invented", () => {
    expect(changed({}, PABULIB.replace("001;6.00;2", "001;6.00;3")).votesAgree).toBe(false);
  });

  it("is not when more is spent than there is, or a project that was taken back is paid for", () => {
    const over = changed({ winners: [3, 1, 2], total_fen: 1650 });
    expect(over.withinBudget).toBe(false);
    expect(over.totalAgrees).toBe(true);
    expect(changed({ winners: [3, 1, 4], total_fen: 1000 }).totalAgrees).toBe(false);
  });

  it("is not when somebody pays who does not want it, too much, or not all of it", () => {
    const rounds = (payments: { yuan: string; ballots: number[] }[]) => [RECORD.outcome.rounds[0]!, { project: 1, completion: false, payments }];
    expect(changed({ rounds: rounds([{ yuan: "2", ballots: [1, 2, 3] }]) }).paymentsAgree).toBe(false);
    expect(changed({ rounds: rounds([{ yuan: "5/2", ballots: [1, 2] }]) }).paymentsAgree).toBe(false);
    expect(changed({ rounds: rounds([]) }).paymentsAgree).toBe(false);
    expect(changed({ rounds: [RECORD.outcome.rounds[0]!] }).paymentsAgree).toBe(false);
    expect(changed({ rounds: rounds([{ yuan: "6", ballots: [1] }]) }).withinShares).toBe(false);
    expect(changed({ rounds: rounds([{ yuan: "6", ballots: [1] }]), share_yuan: null }).withinShares).toBeUndefined();
  });
});
