// Finds a balance between three parties on its pages, in two rounds, up to the agreement.
import { becomesEmpty, keep } from "./browser.mjs";
import { act, idOf } from "./topics.mjs";

const PARTIES = ["社区居委会", "有车的业主", "没有车的业主"];
const OPTIONS = ["绿地不动,夜间共享周边停车场", "西侧绿地改为四十个车位", "只收取第二辆车的费用,车位不变"];

/** Two rounds: in the first nothing is feasible, then one party lowers its bottom line. */
export async function findBalance(page, given, address) {
  await page.goto(address);
  await page.getByTestId("open-balance").click();
  await page.getByTestId("open-balance-page").waitFor();
  await page.getByTestId("submit-balance").click();
  await page.locator(".ant-form-item-explain-error").first().waitFor();
  await page.getByTestId("add-party").click();
  await page.getByTestId("add-option").click();
  for (const [nth, name] of PARTIES.entries()) await page.locator(`#parties_${nth}_name`).fill(name);
  for (const [nth, option] of OPTIONS.entries()) await page.locator(`#options_${nth}`).fill(option);
  await keep(page, given, "balance-open-wide-zh");
  await page.getByTestId("submit-balance").click();
  await page.locator('[data-testid="balance-page"][data-status="asking"]').waitFor();
  const balanceId = idOf(page);
  await giveAndReveal(page, given, [[[70, 55, 60], 50], [[60, 95, 20], 65], [[85, 10, 75], 60]]);
  await page.getByTestId("why-1").getByText("没有一个方案达到所有底线").waitFor();
  await keep(page, given, "balance-infeasible-wide-zh");
  await act(page, "NextRound");
  await page.locator('[data-testid="balance-page"][data-round="2"]').waitFor();
  await giveAndReveal(page, given, [[[70, 55, 60], 50], [[75, 95, 45], 40], [[85, 10, 90], 60]]);
  await page.getByTestId("why-2").getByText(OPTIONS[0]).first().waitFor();
  await keep(page, given, "balance-revealed-wide-zh");
  await page.locator("#commonGoals").fill("三个月内与周边两家单位签订夜间停车协议,开放不少于四十个车位;绿地保持不变");
  for (const name of PARTIES.slice(0, 2)) await page.locator("#parties").getByText(name, { exact: true }).click();
  await page.getByTestId("submit-agree").click();
  await page.locator("#parties_help").waitFor();
  await page.locator("#parties").getByText(PARTIES[2], { exact: true }).click();
  await page.getByTestId("submit-agree").click();
  await page.locator('[data-testid="balance-page"][data-status="agreed"]').waitFor();
  return balanceId;
}

async function giveAndReveal(page, given, positions) {
  for (const [nth, [scores, bottomLine]] of positions.entries()) {
    const form = page.getByTestId("give-position");
    await form.getByText(PARTIES[nth], { exact: true }).click();
    for (const [option, score] of scores.entries()) await page.locator(`#scores_${option}`).fill(String(score));
    await page.locator("#bottomLine").fill(String(bottomLine));
    if (nth === 0) await keep(page, given, "balance-position-wide-zh");
    await page.getByTestId("submit-position").click();
    await page.getByTestId("sealed").getByText(PARTIES[nth]).waitFor();
    await becomesEmpty(page.locator("#scores_0"), "a sealed score is still on the screen");
  }
  await act(page, "RevealBalance");
  await page.locator('[data-testid="balance-page"][data-status="revealed"]').waitFor();
}
