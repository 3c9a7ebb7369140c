// Goes through earmarked money and a draw of representatives as those do who act in them. A worker proposes a topic and publishes its agenda; the secretary opens two funds
// on it, workers add projects, households choose among them on a phone without signing in, one fund is decided and the other is tied until its number is drawn; what a
// share has paid for and the public record are looked at. A pool goes from the invitation over quotas that cannot be met to a panel with a replacement. Looks at every
// page of it.
//
// From the environment: BASE_URL, WORKER, SECOND_WORKER and SECRETARY (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `MOVE <days>` when so many days are to pass for the services, and waits on stdin for `MOVED <days>`.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { fromEnvironment, keep, LANGUAGES, looking, open, openToAll, signIn, SIZES } from "./browser.mjs";
import { act, choose, DAY_MS, fillTopic, idOf, localTime, makeSlips, publishAgenda, readMoved, support } from "./topics.mjs";

const ESTATE = "330105001052001";
const SOURCE = "居委会当众摇号";
const PROJECTS = [
  { title: "7幢东侧集中充电棚", cost: "18000", group: "" },
  { title: "小区南门无障碍坡道", cost: "9500.50", group: "" },
  { title: "儿童滑梯(甲方案)", cost: "15000", group: "空地" },
  { title: "棋牌凉亭(乙方案)", cost: "14000", group: "空地" },
  { title: "楼道声控灯更换", cost: "6000", group: "" },
  { title: "门卫室空调", cost: "4000", group: "" },
];
/** Numbers of projects by slip; the last slip chooses nothing. */
const WANTED = [[1, 5], [1, 5], [1, 2], [1, 5], [1, 3], [1, 2], [4, 2], [4, 2], [4, 5], [3], [5, 4], []];
/** Gender, age and household of volunteers: places among the features. One only is sixty or older. */
const VOLUNTEERS = [[0, 0], [0, 1], [0, 1], [1, 0], [1, 1], [0, 0], [1, 0], [1, 1], [0, 1], [1, 0], [0, 2], [1, 1]];

const given = fromEnvironment(["BASE_URL", "WORKER", "SECOND_WORKER", "SECRETARY", "PASSWORD", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;
const signedIn = new Map();
let movedDays = 0;

await looking(given, async (browser) => {
  const topicId = await propose(browser);
  await pass(16);
  const fundId = await openFund(browser, topicId, 0, "40000", "均等份额（加一）", PROJECTS);
  const tiedId = await openFund(browser, topicId, 1, "1000", "均等份额（加一后择优）", [{ title: "一楼长椅", cost: "600", group: "" }, { title: "三楼长椅", cost: "600", group: "" }]);
  const [codes, tiedCodes] = [await printSlips(browser, fundId), await printSlips(browser, tiedId)];
  await castAll(browser, fundId, codes, WANTED, true);
  await castAll(browser, tiedId, tiedCodes, [[1], [2]], false);
  const poolId = await openPool(browser, topicId);
  await volunteer(browser, poolId);
  await pass(6);
  await decide(browser, fundId);
  await settle(browser, tiedId);
  await lookPublicly(browser, fundId, codes[0]);
  await draw(browser, poolId);
  await lookAround(browser, { topicId, fundId, tiedId, poolId });
});

async function pass(days) {
  console.log(`MOVE ${days}`);
  movedDays += await readMoved();
  // Nobody stays signed in for so long.
  signedIn.clear();
}

/** A page of somebody for whom as much time has passed as for the services; of nobody where no account is given. */
async function pageOf(browser, size, language, account) {
  if (account && !signedIn.has(account)) signedIn.set(account, await signIn(browser, given, account, "board"));
  const page = account ? await open(browser, size, language, signedIn.get(account)) : await openToAll(browser, size, language);
  await page.clock.setFixedTime(Date.now() + movedDays * DAY_MS);
  return page;
}

async function propose(browser) {
  const page = await pageOf(browser, "wide", "zh", given.WORKER);
  await page.goto(at("/topics"));
  await page.getByTestId("action-ProposeTopic").click();
  const topicId = await fillTopic(page, "小区公共设施更新", "今年的公共设施专款用在哪些地方?");
  await support(page, ["3-1-501"]);
  await publishAgenda(page, at("/agendas"));
  await page.context().close();
  return topicId;
}

/** Opens a fund beside those that the topic has already, and writes its projects; gives its id. */
async function openFund(browser, topicId, before, amount, rule, projects) {
  const secretary = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await secretary.goto(at(`/topics/${topicId}`));
  await secretary.getByTestId("action-OpenFund").click();
  // What is required is told first.
  await secretary.getByTestId("action-submit").click();
  await secretary.locator("#amountFen_help .ant-form-item-explain-error").first().waitFor();
  await keepBoth(secretary, "open-fund");
  await secretary.locator("#amountFen").fill(amount);
  await secretary.getByTestId("action-form-OpenFund").getByText(rule, { exact: false }).first().click();
  await secretary.locator("#tieSource").fill(SOURCE);
  await secretary.locator("#closesAt").fill(localTime(movedDays + 5));
  await secretary.getByTestId("action-submit").click();
  await secretary.getByTestId("action-form-OpenFund").waitFor({ state: "detached" });
  await secretary.getByTestId("station-funds").locator("li").nth(before).waitFor();
  await secretary.getByTestId("station-funds").locator("li a").first().click();
  await secretary.getByTestId("fund-page").waitFor();
  const fundId = idOf(secretary);
  const worker = await pageOf(browser, "wide", "zh", given.WORKER);
  await worker.goto(at(`/funds/${fundId}`));
  for (const [nth, { title, cost, group }] of projects.entries()) {
    await act(worker, "AddProject", async () => {
      await worker.locator("#title").fill(title);
      await choose(worker, worker.locator("#areaCode"), ESTATE);
      await worker.locator("#costFen").fill(cost);
      await worker.locator("#exclusionGroup").fill(group);
    });
    await worker.getByTestId(`project-${nth + 1}`).waitFor();
  }
  await worker.context().close();
  await secretary.reload();
  await act(secretary, "PublishFund", async () => secretary.locator("#households").fill(String(WANTED.length)));
  await secretary.locator('[data-testid="fund-page"][data-status="published"]').waitFor();
  await secretary.context().close();
  return fundId;
}

async function printSlips(browser, fundId) {
  const page = await pageOf(browser, "wide", "zh", given.WORKER);
  await page.goto(at(`/funds/${fundId}`));
  await page.getByTestId("go-print").click();
  const codes = await makeSlips(page);
  await keepBoth(page, "fund-slips");
  if (new Set(codes).size !== WANTED.length) throw new Error(`${codes.length} codes were printed for ${WANTED.length} households`);
  await page.context().close();
  return codes;
}

/** Households choose one after the other, on a phone that is signed in nowhere. One project is taken back before they do, where that is looked at. */
async function castAll(browser, fundId, codes, wanted, looks) {
  if (looks) await takeBack(browser, fundId);
  const page = await pageOf(browser, "phone", "zh");
  await page.goto(at(`/funds/${fundId}/vote`));
  await page.getByTestId("choose-form").waitFor();
  // Without a code nothing is cast, and the page says so at the field.
  await page.getByTestId("choose-next").click();
  await page.locator("#code-problem:not(:empty)").waitFor();
  for (const [nth, numbers] of wanted.entries()) {
    await page.locator("#code").fill(codes[nth].toLowerCase());
    for (const number of numbers) await page.getByTestId(`choose-${number}`).click();
    if (looks && nth === 0) await keepBoth(page, "choose");
    await page.getByTestId("choose-next").click();
    await page.getByTestId("choose-confirm").waitFor();
    if (looks && nth === 0) await keepBoth(page, "choose-confirm");
    await page.getByTestId("cast-approvals").click();
    await page.getByTestId("approvals-taken").waitFor();
    if (looks && nth === 0) await keepBoth(page, "choose-taken");
    await page.getByTestId("approvals-taken").getByRole("button").click();
  }
  // Another choice with the same slip is turned away.
  await page.locator("#code").fill(codes[0]);
  await page.getByTestId("choose-2").click();
  await page.getByTestId("choose-next").click();
  await page.getByTestId("cast-approvals").click();
  await page.locator("#code-problem").getByText("以先选的为准").waitFor();
  await page.context().close();
}

async function takeBack(browser, fundId) {
  const page = await pageOf(browser, "wide", "zh", given.WORKER);
  await page.goto(at(`/funds/${fundId}`));
  await act(page, "WithdrawProject-6", async () => page.locator("#reason").fill("门卫室空调已由物业公司出资安装"));
  await page.getByTestId("project-6").locator(".withdrawn").waitFor();
  await keepBoth(page, "fund-published");
  await page.context().close();
}

async function decide(browser, fundId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/funds/${fundId}`));
  await act(page, "CloseFund");
  await page.locator('[data-testid="fund-page"][data-status="decided"]').waitFor();
  await page.getByTestId("fund-outcome").waitFor();
  await page.context().close();
}

async function settle(browser, fundId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/funds/${fundId}`));
  await act(page, "CloseFund");
  await page.locator('[data-testid="fund-page"][data-status="tied"]').waitFor();
  await keepBoth(page, "fund-tied");
  await act(page, "SettleTie", async () => page.locator("#number").fill("31415926"));
  await page.locator('[data-testid="fund-page"][data-status="decided"]').waitFor();
  await page.context().close();
}

/** What a share has paid for, and the public record that the page checks, for somebody who is signed in nowhere. */
async function lookPublicly(browser, fundId, code) {
  for (const [size, language] of [["phone", "zh"], ["wide", "en"]]) {
    const page = await pageOf(browser, size, language);
    await page.goto(at(`/funds/${fundId}/share`));
    await page.locator("#code").fill(code);
    await page.locator("#code").press("Enter");
    await page.getByTestId("share-view").waitFor();
    if (page.url().includes(code)) throw new Error("the code stands in the address");
    await keep(page, given, `share-${size}-${language}`);
    await page.goto(at(`/funds/${fundId}/record`));
    await page.getByTestId("fund-check").locator(".mark-good").first().waitFor();
    if ((await page.getByTestId("fund-check").locator(".mark-bad").count()) > 0) throw new Error("the record of the fund does not hold");
    await keep(page, given, `fund-record-${size}-${language}`);
    await page.context().close();
  }
}

async function openPool(browser, topicId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/topics/${topicId}`));
  await page.getByTestId("open-pool").click();
  await page.getByTestId("open-pool-page").waitFor();
  await page.locator("#seats").fill("4");
  await fillCategory(page, 0, "性别", [["女", 2, 2], ["男", 2, 2]]);
  await page.getByTestId("add-category").click();
  await fillCategory(page, 1, "年龄", [["35岁以下", 1, 2], ["36至59岁", 1, 2]]);
  await page.locator(".goal-input").nth(1).getByRole("button", { name: "增加特征" }).click();
  await fillFeature(page, 1, 2, ["60岁以上", 2, 2]);
  await page.locator("#householdRule").getByText("每户可多人报名").click();
  await page.locator("#drawSource").fill(SOURCE);
  await page.locator("#closesAt").fill(localTime(movedDays + 5));
  await keepBoth(page, "open-pool");
  await page.getByTestId("submit-pool").click();
  await page.getByTestId("pool-page").waitFor();
  const poolId = idOf(page);
  await page.context().close();
  return poolId;
}

async function fillCategory(page, nth, name, features) {
  await page.locator(`#categories_${nth}_name`).fill(name);
  for (const [place, feature] of features.entries()) await fillFeature(page, nth, place, feature);
}

async function fillFeature(page, nth, place, [feature, min, max]) {
  await page.locator(`#categories_${nth}_features_${place}_feature`).fill(feature);
  await page.locator(`#categories_${nth}_features_${place}_max`).fill(String(max));
  await page.locator(`#categories_${nth}_features_${place}_min`).fill(String(min));
}

async function volunteer(browser, poolId) {
  const page = await pageOf(browser, "phone", "zh", given.WORKER);
  await page.goto(at(`/pools/${poolId}`));
  for (const [nth, places] of VOLUNTEERS.entries()) {
    for (const [category, place] of places.entries()) await page.getByTestId(`feature-${category}`).locator("label").nth(place).click();
    await page.locator("#household").fill(`3-1-${501 + nth}`);
    if (nth === 0) {
      // Nobody is taken in who has not agreed.
      await page.getByTestId("submit-volunteer").click();
      await page.locator("#consent_help .ant-form-item-explain-error").waitFor();
      await keepBoth(page, "volunteer");
    }
    await page.locator("#consent").check();
    await page.getByTestId("submit-volunteer").click();
    const number = await page.getByTestId("volunteer-number").locator(".given-number").innerText();
    if (Number(number) !== nth + 1) throw new Error(`volunteer ${nth + 1} was given the number ${number}`);
    if (nth === 0) await keepBoth(page, "volunteer-number");
    await page.getByTestId("next-volunteer").click();
  }
  await page.context().close();
}

async function draw(browser, poolId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  const stands = (status) => page.locator(`[data-testid="pool-page"][data-status="${status}"]`).waitFor();
  await page.goto(at(`/pools/${poolId}`));
  await act(page, "ClosePool");
  await act(page, "PublishLottery");
  await stands("infeasible");
  await keepBoth(page, "pool-infeasible");
  await page.getByTestId("change-quotas").click();
  await page.getByTestId("quotas-page").waitFor();
  await page.locator("#reason").fill("六十岁以上只有一人报名,至少两人无法满足");
  await keepBoth(page, "pool-quotas");
  await page.getByTestId("submit-quotas").click();
  await stands("closed");
  await act(page, "PublishLottery");
  await stands("published");
  await page.getByTestId("chances").waitFor();
  await keepBoth(page, "pool-published");
  await act(page, "DrawNumber", async () => page.locator("#number").fill("047"));
  await stands("drawn");
  // Somebody below sixty, so that there is somebody to take the seat.
  const members = (await page.getByTestId("members").locator(".members li").allInnerTexts()).map(Number);
  const leaves = members.find((number) => VOLUNTEERS[number - 1][1] < 2);
  await act(page, "DropMembers", async (form) => form.getByText(String(leaves), { exact: true }).click());
  await stands("replacing");
  await keepBoth(page, "pool-replacing");
  await act(page, "DrawReplacements", async () => page.locator("#number").fill("271828"));
  await stands("drawn");
  const now = (await page.getByTestId("members").locator(".members li").allInnerTexts()).map(Number);
  if (now.includes(leaves) || now.length !== members.length) throw new Error(`the panel after the replacement of ${leaves} is ${now}`);
  await page.context().close();
}

async function lookAround(browser, { topicId, fundId, tiedId, poolId }) {
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await pageOf(browser, size, language, given.SECRETARY);
      for (const [name, path, testId] of [
        ["money-topic", `/topics/${topicId}`, "station-funds"],
        ["fund", `/funds/${fundId}`, "fund-outcome"],
        ["fund-settled", `/funds/${tiedId}`, "fund-tie"],
        ["pool", `/pools/${poolId}`, "chances"],
      ]) {
        await look(page, path, testId, `${name}-${size}-${language}`);
      }
      await page.context().close();
      const stranger = await pageOf(browser, size, language);
      await look(stranger, `/pools/${poolId}/record`, "replacement-1", `draw-record-${size}-${language}`);
      if ((await stranger.locator(".mark-bad").count()) > 0) throw new Error("the record of the draw does not hold");
      await look(stranger, `/funds/${fundId}/vote`, "not-now", `choose-decided-${size}-${language}`);
      await stranger.context().close();
    }
  }
}

/** Keeps pictures of what stands on a page now, in its own size and in the other one, and goes back to its own. */
async function keepBoth(page, name) {
  const own = page.viewportSize();
  const [same, other] = Object.entries(SIZES).sort(([, view]) => (view.width === own.width ? -1 : 1));
  await keep(page, given, `${name}-${same[0]}-zh`);
  await resize(page, other[1]);
  await keep(page, given, `${name}-${other[0]}-zh`);
  await resize(page, own);
}

/** What is clicked while a page still moves is missed, so it is waited for. */
async function resize(page, view) {
  await page.setViewportSize(view);
  await page.waitForFunction((width) => window.innerWidth === width, view.width);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

async function look(page, path, testId, name) {
  await page.goto(at(path));
  await page.getByTestId(testId).waitFor();
  await page.locator(".ant-skeleton").first().waitFor({ state: "detached" });
  await keep(page, given, name);
}
