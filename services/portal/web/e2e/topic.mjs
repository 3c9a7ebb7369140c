// Goes through the life of one topic as those do who act in it: a worker proposes it and notes who wants it, puts it on an agenda and publishes that, prepares a ballot
// with its roll and prints its slips; residents vote by their codes on a phone without signing in; the secretary counts, two workers sign, and the secretary adopts the
// resolution. Looks at every page of it.
//
// From the environment: BASE_URL, WORKER, SECOND_WORKER and SECRETARY (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `MOVE <days>` and waits on stdin for `MOVED <days>`: so many days have passed for the services, and the ballot is open.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { fromEnvironment, keep, LANGUAGES, looking, open, openToAll, signIn, SIZES } from "./browser.mjs";
import { act, choose, DAY_MS, fillTopic, idOf, localTime, makeSlips, publishAgenda, readMoved, support } from "./topics.mjs";

const TITLE = "电动自行车集中充电";
const QUESTION = "充电棚建在哪里,才能不再飞线充电?";
const ASKED = "是否同意在7幢东侧建集中充电棚?";
const HEADS = 12;

const given = fromEnvironment(["BASE_URL", "WORKER", "SECOND_WORKER", "SECRETARY", "PASSWORD", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;
let movedDays = 0;

await looking(given, async (browser) => {
  const worker = await open(browser, "wide", "zh", await signIn(browser, given, given.WORKER, "board"));
  const topicId = await propose(worker);
  await publishAgenda(worker, at("/agendas"));
  const ballotId = await prepareBallot(worker, topicId);
  const codes = await printSlips(worker, ballotId);
  await worker.context().close();
  await lookTooEarly(browser, ballotId);
  console.log("MOVE 17");
  movedDays = await readMoved();
  await vote(browser, ballotId, codes);
  await countAndSign(browser, ballotId);
  const resolutionId = await adopt(browser, topicId);
  await lookAround(browser, topicId, ballotId, resolutionId);
});

/** A page of somebody for whom as much time has passed as for the services. */
async function laterPage(browser, size, language, account) {
  const page = account ? await open(browser, size, language, await signIn(browser, given, account, "board")) : await openToAll(browser, size, language);
  await page.clock.setFixedTime(Date.now() + movedDays * DAY_MS);
  return page;
}

async function propose(page) {
  await page.goto(at("/topics"));
  await page.getByTestId("topics").waitFor();
  // What is required is told first.
  await page.getByTestId("action-ProposeTopic").click();
  await page.getByTestId("action-submit").click();
  await page.locator("#title_help .ant-form-item-explain-error").first().waitFor();
  await keep(page, given, "propose-topic-wide-zh");
  const topicId = await fillTopic(page, TITLE, QUESTION);
  await support(page, ["3-1-501", "3-1-502", " ３-1-501"]);
  // A door counts once, however it is written.
  await page.getByTestId("topic-reasons").getByText("2", { exact: true }).first().waitFor();
  return topicId;
}

async function prepareBallot(page, topicId) {
  await page.goto(at(`/topics/${topicId}`));
  await page.getByTestId("topic-page").waitFor();
  await act(page, "PrepareBallot", async (form) => {
    await page.locator("#question").fill(ASKED);
    await form.getByText("居民会议", { exact: true }).click();
    await form.getByText("无记名").first().click();
    await page.locator("#opensAt").fill(localTime(16));
    await page.locator("#closesAt").fill(localTime(23));
  });
  await page.getByRole("link", { name: ASKED }).first().click();
  await page.getByTestId("ballot-page").waitFor();
  await page.locator("#roll").fill(String(HEADS));
  await page.getByTestId("enter-roll").click();
  await act(page, "PublishBallot");
  await page.locator('[data-testid="ballot-page"][data-status="published"]').waitFor();
  return idOf(page);
}

async function printSlips(page, ballotId) {
  await page.goto(at(`/ballots/${ballotId}/slips`));
  const codes = await makeSlips(page);
  await keep(page, given, "slips-wide-zh");
  // Who leaves by mistake is asked first.
  await page.locator(".back").click();
  await page.locator(".ant-modal-confirm-title").filter({ hasText: "离开后凭证不能再显示" }).waitFor();
  await page.locator(".ant-modal-confirm .ant-btn").first().click();
  await page.locator(".slip-code").first().waitFor();
  if (new Set(codes).size !== HEADS) throw new Error(`${codes.length} codes were printed for ${HEADS} heads`);
  return codes;
}

/** Before it opens the page says so, with what is voted on, instead of a form that would be refused. */
async function lookTooEarly(browser, ballotId) {
  const page = await laterPage(browser, "phone", "zh");
  await page.goto(at(`/vote/${ballotId}`));
  await page.getByTestId("ballot-notice").getByText(ASKED).waitFor();
  await page.getByTestId("not-now").waitFor();
  await keep(page, given, "vote-too-early-phone-zh");
  await page.context().close();
}

/** Everybody votes, one after the other, on a phone that is signed in nowhere; the same code for another vote is turned away. */
async function vote(browser, ballotId, codes) {
  const page = await laterPage(browser, "phone", "zh");
  await page.goto(at(`/vote/${ballotId}`));
  await page.getByTestId("vote-form").waitFor();
  await keep(page, given, "vote-phone-zh");
  for (const [nth, code] of codes.entries()) {
    await page.locator("#code").fill(code.toLowerCase());
    await page.getByTestId(nth % 4 === 3 ? "choose-against" : "choose-for").click();
    await page.getByTestId("cast-vote").click();
    await page.getByTestId("vote-taken").waitFor();
    if (nth === 0) await keep(page, given, "vote-taken-phone-zh");
    await page.getByTestId("vote-taken").getByRole("button").click();
  }
  await page.context().close();
}

async function countAndSign(browser, ballotId) {
  const secretary = await laterPage(browser, "wide", "zh", given.SECRETARY);
  await secretary.goto(at(`/ballots/${ballotId}`));
  await act(secretary, "CloseBallot");
  await secretary.locator('[data-testid="ballot-page"][data-status="closed"]').waitFor();
  const digest = (await secretary.locator(".hex code").first().innerText()).trim();
  await secretary.context().close();
  for (const account of [given.WORKER, given.SECOND_WORKER]) {
    const page = await laterPage(browser, "wide", "zh", account);
    await page.goto(at(`/ballots/${ballotId}`));
    await act(page, "SignBallotRecord", async () => page.locator("#recordSha256").fill(digest));
    await page.context().close();
  }
  // The public page counts again by itself, for somebody who is signed in nowhere.
  const stranger = await laterPage(browser, "phone", "zh");
  await stranger.goto(at(`/ballots/${ballotId}/record`));
  await stranger.getByTestId("recounted-outcome").waitFor();
  await keep(stranger, given, "ballot-record-phone-zh");
  await stranger.context().close();
}

async function adopt(browser, topicId) {
  const page = await laterPage(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/topics/${topicId}`));
  await page.getByTestId("adopt-resolution").click();
  await page.getByTestId("adopt-page").waitFor();
  await page.locator("#text").fill("在7幢东侧建集中充电棚,清理全部飞线充电");
  await page.locator("#goals_0_text").fill("三个月内建成集中充电棚");
  await choose(page, page.locator("#goals_0_categoryCode"), "消防通道");
  await page.locator("#goals_0_dueOn").fill(localTime(movedDays + 90).slice(0, 10));
  await page.locator("#goals_0_money").fill("86000");
  await page.getByTestId("submit-adopt").click();
  await page.getByTestId("resolution-page").waitFor();
  const resolutionId = idOf(page);
  await page.context().close();
  return resolutionId;
}

async function lookAround(browser, topicId, ballotId, resolutionId) {
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await laterPage(browser, size, language, given.SECRETARY);
      for (const [name, path, testId] of [
        ["topics", "/topics", "topics"],
        ["topic", `/topics/${topicId}`, "topic-page"],
        ["agendas", "/agendas", "agendas"],
        ["ballot", `/ballots/${ballotId}`, "ballot-page"],
        ["resolution", `/resolutions/${resolutionId}`, "resolution-page"],
        ["resolutions", "/resolutions", "resolutions"],
      ]) {
        await page.goto(at(path));
        await page.getByTestId(testId).waitFor();
        await page.locator(".ant-skeleton").first().waitFor({ state: "detached" });
        await keep(page, given, `${name}-${size}-${language}`);
      }
      await page.context().close();
    }
  }
}
