// Goes through what a topic is talked about with: the secretary opens a conversation and prints its slips, a worker makes its first statements; residents judge them by
// their codes, on phones that are signed in nowhere, and make statements of their own, which the worker accepts or turns down; the map tells who agrees on what, and the
// secretary closes the conversation. Then parties find their balance in two rounds and agree. Looks at every page of it.
//
// From the environment: BASE_URL, WORKER, SECOND_WORKER and SECRETARY (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { findBalance } from "./balances.mjs";
import { fromEnvironment, keep, LANGUAGES, looking, open, openToAll, signIn, SIZES } from "./browser.mjs";
import { AGREE, DISAGREE, judgementOf, OWN, PASS, sayDirectly, SEEDS, STATEMENTS } from "./residents.mjs";
import { act, fillTopic, idOf, localTime, makeSlips } from "./topics.mjs";

const TITLE = "小区停车位重新划分";
const QUESTION = "小区里停车位不够,绿地、消防通道和车位怎样安排?";
const ASKED = "对小区停车和绿地,您怎么看?";
const SLIPS = 48;
const PEOPLE = 42;
/** Left out of the map while the conversation goes on. */
const LEFT_OUT = 10;
const ADVERTISEMENT = "我家出租停车位,价格便宜欢迎来看";
const KEY_OF = { [AGREE]: "1", [PASS]: "2", [DISAGREE]: "3" };
const BUTTON_OF = { [AGREE]: "judge-agree", [PASS]: "judge-pass", [DISAGREE]: "judge-disagree" };

const given = fromEnvironment(["BASE_URL", "WORKER", "SECOND_WORKER", "SECRETARY", "PASSWORD", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;

await looking(given, async (browser) => {
  const asWorker = await signIn(browser, given, given.WORKER, "board");
  const asSecretary = await signIn(browser, given, given.SECRETARY, "board");
  const worker = await open(browser, "wide", "zh", asWorker);
  await worker.goto(at("/topics"));
  await worker.getByTestId("action-ProposeTopic").click();
  const topicId = await fillTopic(worker, TITLE, QUESTION);
  const secretary = await open(browser, "wide", "zh", asSecretary);
  const conversationId = await openConversation(secretary, topicId);
  await seed(worker, conversationId);
  await secretary.goto(at(`/conversations/${conversationId}/slips`));
  const codes = await makeSlips(secretary);
  await keep(secretary, given, "opinion-slips-wide-zh");
  if (new Set(codes).size !== SLIPS) throw new Error(`${codes.length} codes were printed for ${SLIPS} slips`);
  await sayOnPhone(browser, conversationId, codes);
  await moderate(worker, conversationId);
  await sayByKeys(browser, conversationId, codes[2]);
  await lookAtMap(secretary, conversationId, "few", "人数还少");
  await sayDirectly(given.BASE_URL, conversationId, codes.slice(3, 25), 3);
  await lookAtMap(secretary, conversationId, "withheld", String(25 - LEFT_OUT));
  await sayDirectly(given.BASE_URL, conversationId, codes.slice(25, PEOPLE), 25);
  await readMap(secretary, conversationId);
  await lookAround(browser, asSecretary, [
    ["opinion-topic", `/topics/${topicId}`, "topic-page"],
    ["opinion-map", `/conversations/${conversationId}`, "conversation-page"],
  ]);
  await lookAround(browser, asWorker, [["opinion-statements", `/conversations/${conversationId}/statements?status=0`, "statements-page"]]);
  await close(browser, secretary, conversationId, codes[0]);
  const balanceId = await findBalance(secretary, given, at(`/topics/${topicId}`));
  await lookAround(browser, asSecretary, [["balance", `/balances/${balanceId}`, "balance-page"]]);
});

async function openConversation(page, topicId) {
  await page.goto(at(`/topics/${topicId}`));
  await page.getByTestId("station-conversations").waitFor();
  // Limits are told before anything is sent.
  await page.getByTestId("action-OpenConversation").click();
  await page.locator("#slips").fill("9");
  await page.getByTestId("action-submit").click();
  await page.locator("#slips_help .ant-form-item-explain-error").first().waitFor();
  await keep(page, given, "opinion-open-wide-zh");
  await page.keyboard.press("Escape");
  await act(page, "OpenConversation", async () => {
    await page.locator("#question").fill(ASKED);
    await page.locator("#slips").fill(String(SLIPS));
    await page.locator("#closesAt").fill(localTime(14));
  });
  await page.getByRole("link", { name: ASKED }).click();
  await page.locator('[data-testid="conversation-page"][data-stage="open"]').waitFor();
  return idOf(page);
}

async function seed(page, conversationId) {
  await page.goto(at(`/conversations/${conversationId}/statements`));
  for (const [nth, text] of SEEDS.entries()) {
    await page.locator("#text").fill(text);
    await page.keyboard.press("Enter");
    await page.locator(`[data-testid="seeded"][data-number="${nth + 1}"]`).waitFor();
  }
  await keep(page, given, "opinion-seeds-wide-zh");
}

async function begin(page, conversationId, code) {
  await page.goto(at(`/conversations/${conversationId}/say`));
  await page.getByTestId("say-start").waitFor();
  await page.locator("#code").fill(code);
  await page.getByTestId("say-begin").click();
}

async function sayAll(page, person, press) {
  const text = page.getByTestId("say-text");
  const done = page.getByTestId("say-done");
  for (let turn = 0; turn < 20; turn += 1) {
    await text.or(done).first().waitFor();
    if (await done.isVisible()) return;
    const number = await text.getAttribute("data-number");
    await press(judgementOf(person, Number(number)));
    await page.locator(`[data-testid="say-text"][data-number="${number}"]`).waitFor({ state: "detached" });
  }
  throw new Error("there was no end to what is judged");
}

/** By keys that are pressed in the very moment in which a statement appears, before anything else can happen: they must not fall on the statement before it. */
async function sayAtOnce(page, person) {
  const keys = Object.fromEntries(Array.from({ length: STATEMENTS }, (_, nth) => [nth + 1, KEY_OF[judgementOf(person, nth + 1)]]));
  await page.evaluate((keys) => {
    let before;
    const press = () => {
      const number = document.querySelector('[data-testid="say-text"]')?.getAttribute("data-number");
      if (!number || number === before) return;
      before = number;
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key: keys[number], bubbles: true }));
    };
    new MutationObserver(press).observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-number"] });
    press();
  }, keys);
  await page.getByTestId("say-done").waitFor();
}

/** Two residents on a phone that is signed in nowhere: they judge, change their mind, and make statements. */
async function sayOnPhone(browser, conversationId, codes) {
  const page = await openToAll(browser, "phone", "zh");
  await begin(page, conversationId, "AAAA-AAAA-AAAA");
  await page.getByRole("alert").filter({ hasText: "凭证号不对" }).waitFor();
  await keep(page, given, "say-wrong-phone-zh");
  await page.locator("#code").fill(` ${codes[0].toLowerCase().replaceAll("-", " ")}`);
  await page.getByTestId("say-begin").click();
  await page.getByTestId("say-judge").waitFor();
  await keep(page, given, "say-judge-phone-zh");
  await sayAll(page, 0, (judgement) => page.getByTestId(BUTTON_OF[judgement]).click());
  await page.getByTestId("mine-4").getByText("跳过", { exact: true }).click();
  await page.getByTestId("mine-4").locator(".ant-radio-button-wrapper-checked").filter({ hasText: "跳过" }).waitFor();
  await page.getByTestId("mine-4").getByText("不同意", { exact: true }).click();
  await page.getByTestId("mine-4").locator(".ant-radio-button-wrapper-checked").filter({ hasText: "不同意" }).waitFor();
  await page.locator("#text").fill("请打电话13805711234找我商量");
  await page.getByTestId("own-send").click();
  await page.locator("#text_help").filter({ hasText: "个人信息" }).waitFor();
  await keep(page, given, "say-personal-phone-zh");
  const plain = (text) => text.replaceAll(/[^0-9A-Za-z]/g, "").toUpperCase();
  const kept = plain(page.url() + (await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie)));
  if (kept.includes(plain(codes[0]))) throw new Error("the code was kept");
  await page.locator("#text").fill(OWN);
  await page.getByTestId("own-send").click();
  await page.getByTestId("own-left").getByText("还可以提 4 条").waitFor();
  await keep(page, given, "say-done-phone-zh");
  // With another slip, on the same phone, nothing is left of the first one.
  await page.getByTestId("say-other").click();
  if ((await page.locator("#code").inputValue()) !== "") throw new Error("the code of another slip is still there");
  await page.locator("#code").fill(codes[1]);
  await page.getByTestId("say-begin").click();
  await sayAll(page, 1, (judgement) => page.getByTestId(BUTTON_OF[judgement]).click());
  await page.locator("#text").fill(ADVERTISEMENT);
  await page.getByTestId("own-send").click();
  await page.getByTestId("own-left").getByText("还可以提 4 条").waitFor();
  await page.context().close();
}

/** By the keyboard alone: the first statement is accepted, the advertisement turned down. */
async function moderate(page, conversationId) {
  await page.goto(at(`/conversations/${conversationId}/statements`));
  await page.getByTestId(`statement-${STATEMENTS}`).waitFor();
  await keep(page, given, "opinion-moderate-wide-zh");
  await page.keyboard.press("a");
  await page.getByTestId("moderated").filter({ hasText: `第 ${STATEMENTS} 条：已采用` }).waitFor();
  await page.keyboard.press("r");
  await page.getByTestId("reject-advertising").waitFor();
  await keep(page, given, "opinion-reject-wide-zh");
  await page.keyboard.press("6");
  await page.getByTestId("moderated").filter({ hasText: `第 ${STATEMENTS + 1} 条：未采用，广告` }).waitFor();
}

/** A third resident, at a large screen in English, by the keyboard alone; comes back later and is told what was said before. */
async function sayByKeys(browser, conversationId, code) {
  const page = await openToAll(browser, "wide", "en");
  await begin(page, conversationId, code);
  // More than are given at once: how many more is not known.
  await page.getByTestId("say-left").getByText("10 or more to go").waitFor();
  await keep(page, given, "say-judge-wide-en");
  await sayAtOnce(page, 2);
  await begin(page, conversationId, code);
  // What was said on an earlier visit is there with its words, and can be changed.
  await page.getByTestId("say-mine").getByText(SEEDS[0]).waitFor();
  for (let number = 1; number <= STATEMENTS; number += 1) {
    const said = await page.locator(`[data-testid="mine-${number}"] input:checked`).inputValue();
    if (said !== String(judgementOf(2, number))) throw new Error(`${said} was taken for statement ${number}, not ${judgementOf(2, number)}`);
  }
  await keep(page, given, "say-back-wide-en");
  await page.context().close();
}

async function lookAtMap(page, conversationId, name, participants) {
  await page.goto(at(`/conversations/${conversationId}`));
  await page.getByTestId("groups-withheld").waitFor();
  await page.getByTestId("participants").getByText(participants).waitFor();
  await keep(page, given, `opinion-map-${name}-wide-zh`);
}

async function readMap(page, conversationId) {
  await page.goto(at(`/conversations/${conversationId}`));
  await page.getByTestId("participants").getByText(String(PEOPLE - LEFT_OUT), { exact: true }).waitFor();
  await page.getByTestId("group-A").waitFor();
  await page.getByTestId("group-B").waitFor();
  // Each group is for some of what divides them and against the rest.
  for (const group of ["group-A", "group-B"]) {
    await page.getByTestId(group).getByText("同意", { exact: true }).first().waitFor();
    await page.getByTestId(group).getByText("不同意", { exact: true }).first().waitFor();
  }
  await page.getByTestId("consensus").getByText(SEEDS[6]).waitFor();
  await page.locator('[data-testid="map"] g[data-number="7"]').hover();
  await page.getByTestId("map-picked").getByText(SEEDS[6]).waitFor();
  await page.getByTestId("map").focus();
  await page.keyboard.press("ArrowLeft");
  await page.getByTestId("map-picked").getByText(SEEDS[6]).waitFor({ state: "detached" });
  await keep(page, given, "opinion-map-picked-wide-zh");
}

async function close(browser, page, conversationId, code) {
  await act(page, "CloseConversation", async () => page.locator("#reason").fill("四十二人已经表态,议事会提前到本周召开"));
  await page.locator('[data-testid="conversation-page"][data-stage="closed"]').waitFor();
  const [file] = await Promise.all([page.waitForEvent("download"), page.getByTestId("export").click()]);
  if (!file.suggestedFilename().startsWith("conversation-")) throw new Error("the record was not saved");
  await keep(page, given, "opinion-closed-wide-zh");
  const stranger = await openToAll(browser, "phone", "zh");
  await begin(stranger, conversationId, code);
  await stranger.getByTestId("say-mine").getByText(SEEDS[0]).waitFor();
  if (await stranger.getByTestId("say-judge").isVisible()) throw new Error("something can be judged after the end");
  await keep(stranger, given, "say-ended-phone-zh");
  await stranger.context().close();
}

async function lookAround(browser, cookies, places) {
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await open(browser, size, language, cookies);
      for (const [name, path, testId] of places) {
        await page.goto(at(path));
        await page.getByTestId(testId).waitFor();
        await page.locator(".ant-skeleton").first().waitFor({ state: "detached" });
        await keep(page, given, `${name}-${size}-${language}`);
      }
      await page.context().close();
    }
  }
}
