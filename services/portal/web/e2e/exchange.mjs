// Looks at the pages of the exchange as two people do: a department's liaison finds a fact, asks for it and subscribes to it; the platform
// operator, who cannot approve what he asked for himself, approves it. Saves what they saw.
//
// From the environment: BASE_URL, LIAISON and OPERATOR (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { fromEnvironment, keep, LANGUAGES, looking, open, signIn, SIZES } from "./browser.mjs";

const FACT = "dispatch.case_registered";
const PURPOSE = "同步案件登记，用于日常派单";

const given = fromEnvironment(["BASE_URL", "LIAISON", "OPERATOR", "PASSWORD", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;

await looking(given, async (browser) => {
  const liaison = await signIn(browser, given, given.LIAISON, "inbox");
  const operator = await signIn(browser, given, given.OPERATOR, "grants");
  const desk = await open(browser, "wide", "zh", liaison);
  const grantId = await askForGrant(desk);
  await approve(await open(browser, "wide", "zh", operator), grantId);
  const subscriptionId = await subscribe(desk, grantId);
  await explain(desk);
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await open(browser, size, language, liaison);
      await lookAround(page, `${size}-${language}`, grantId, subscriptionId);
      await page.context().close();
    }
  }
});

/** From the catalogue to a request, by search and by the button beside the fact. */
async function askForGrant(page) {
  await page.goto(at("/catalogue"));
  await page.getByTestId("catalogue-search").fill("case registered");
  await page.getByTestId(`fact-${FACT}`).getByRole("link").click();
  await page.getByTestId("ask-grant").click();
  await page.getByTestId("request-grant-page").waitFor();
  // Nothing is sent without what the contract requires.
  await page.getByTestId("submit-request").click();
  await page.locator(".ant-form-item-explain-error").first().waitFor();
  await page.locator("#purpose").fill(PURPOSE);
  await page.getByTestId("submit-request").click();
  await page.getByTestId("grant-page").waitFor();
  return page.url().split("/").at(-1);
}

/** With the keyboard alone, from the inbox of requests. */
async function approve(page, grantId) {
  await page.goto(at("/"));
  await page.getByTestId(`grant-${grantId}`).getByRole("link").focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("grant-page").waitFor();
  await page.getByTestId("action-ApproveGrant").focus();
  await page.keyboard.press("Enter");
  await page.getByTestId("action-submit").focus();
  await page.keyboard.press("Enter");
  await page.locator('[data-testid="grant-page"][data-status="approved"]').waitFor();
  await page.context().close();
}

/** A condition that means nothing is objected to at its field; the fields that may be named are at hand. */
async function subscribe(page, grantId) {
  await page.goto(at(`/subscriptions/new?grant=${grantId}&fact=${FACT}`));
  await page.getByTestId("condition-fields").getByRole("button", { name: "category_code" }).click();
  await page.keyboard.type("starts_with 12");
  await page.getByTestId("subscription-name").fill("案件同步");
  await page.getByTestId("submit-subscription").click();
  await page.locator("#condition_help .ant-form-item-explain-error").first().waitFor();
  await page.locator("#condition").fill('category_code starts_with "fire."');
  await page.getByTestId("submit-subscription").click();
  await page.getByTestId("subscription-page").waitFor();
  return page.url().split("/").at(-1);
}

async function explain(page) {
  await page.goto(at("/grants"));
  await page.locator("#fact").click();
  await page.keyboard.type(FACT);
  await page.keyboard.press("Enter");
  await page.getByTestId("explain").click();
  await page.locator('[data-testid="verdict"][data-verdict="may"]').waitFor();
  await keep(page, given, "rights-wide-zh");
  await page.context().close();
}

async function lookAround(page, name, grantId, subscriptionId) {
  const places = [
    ["catalogue", "/catalogue?q=case", `fact-${FACT}`],
    ["fact", `/catalogue/${FACT}`, "fact-fields"],
    ["grants", "/grants", `grant-${grantId}`],
    ["grant", `/grants/${grantId}`, "grant-facts"],
    ["subscriptions", "/subscriptions", `subscription-${subscriptionId}`],
    ["subscription", `/subscriptions/${subscriptionId}`, "subscription-progress"],
    ["subscribe", `/subscriptions/new?fact=${FACT}`, "condition-fields"],
  ];
  for (const [what, path, testId] of places) {
    await page.goto(at(path));
    await page.getByTestId(testId).waitFor();
    await keep(page, given, `${what}-${name}`);
  }
  console.log(`LOOKED ${name}`);
}
