// Looks at the pages as a duty officer does: signs in, watches the board move, opens a case; saves what it saw.
//
// From the environment: BASE_URL, ACCOUNT, PASSWORD, CASE_ID, OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `READY board`, then waits on stdin for a line `CHANGED <key>=<count>`: <count> open cases are to be shown within a
// second, without a reload, either in total or, where <key> is the code of an area, in the row of that area.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const LIMIT_MS = 1000;
const PATIENCE_MS = 15_000;
const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
const LANGUAGES = ["zh", "en"];
const PROGRAM_OPTIONS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const given = fromEnvironment(["BASE_URL", "ACCOUNT", "PASSWORD", "CASE_ID", "OUT_DIR", "CHROMIUM"]);
const complaints = [];

try {
  await look();
  if (complaints.length > 0) throw new Error(`the console complained: ${complaints.join(" | ")}`);
  console.log("PASSED");
} catch (error) {
  console.log(`FAILED ${String(error?.message ?? error).replaceAll("\n", " ")}`);
  process.exitCode = 1;
}

async function look() {
  await mkdir(given.OUT_DIR, { recursive: true });
  const browser = await chromium.launch({ executablePath: given.CHROMIUM, args: PROGRAM_OPTIONS });
  try {
    const cookies = await signIn(browser);
    let isFirst = true;
    for (const size of Object.keys(SIZES)) {
      for (const language of LANGUAGES) {
        const page = await open(browser, size, language, cookies);
        await lookAtBoard(page, `board-${size}-${language}`);
        if (isFirst) await watchChange(page);
        isFirst = false;
        await lookAtCase(page, `case-${size}-${language}`);
        await page.context().close();
      }
    }
  } finally {
    await browser.close();
  }
}

async function signIn(browser) {
  const context = await browser.newContext({ viewport: SIZES.wide });
  const page = await context.newPage();
  // Before signing in the portal rightly answers 401 to "who am I"; browsers log that, so this page's console is not judged.
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(new URL("/", given.BASE_URL).href);
  await page.getByTestId("account").waitFor({ timeout: PATIENCE_MS });
  await page.screenshot({ path: join(given.OUT_DIR, "sign-in-wide-zh.png") });
  await page.getByTestId("account").fill(given.ACCOUNT);
  await page.getByTestId("password").fill(given.PASSWORD);
  await page.getByTestId("sign-in").click();
  const outcome = page.getByTestId("board").or(page.getByTestId("sign-in-error"));
  await outcome.first().waitFor({ timeout: PATIENCE_MS });
  if (await page.getByTestId("sign-in-error").isVisible()) throw new Error(`signing in: ${await page.getByTestId("sign-in-error").innerText()}`);
  const cookies = await context.cookies();
  if (!cookies.some((cookie) => cookie.httpOnly && cookie.sameSite === "Strict")) throw new Error("the session cookie is not HttpOnly and SameSite=Strict");
  await context.close();
  return cookies;
}

async function open(browser, size, language, cookies) {
  const isPhone = size === "phone";
  const context = await browser.newContext({ viewport: SIZES[size], isMobile: isPhone, hasTouch: isPhone, deviceScaleFactor: isPhone ? 2 : 1 });
  await context.addCookies(cookies);
  await context.addInitScript((chosen) => localStorage.setItem("gongzhi.language", chosen), language);
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return page;
}

async function lookAtBoard(page, name) {
  await page.goto(new URL("/", given.BASE_URL).href);
  await page.getByTestId("open-count").waitFor({ timeout: PATIENCE_MS });
  await page.locator('[data-testid="live-state"][data-state="live"]').waitFor({ timeout: PATIENCE_MS });
  await expectNoOverflow(page, name);
  await page.screenshot({ path: join(given.OUT_DIR, `${name}.png`), fullPage: true });
}

async function watchChange(page) {
  await page.evaluate(() => {
    window.notReloaded = true;
  });
  console.log("READY board");
  const { key, count } = await readChange();
  const testId = /^\d{9,}$/.test(key) ? `area-open-${key}` : "open-count";
  const since = performance.now();
  try {
    await page.waitForFunction(([id, wanted]) => document.querySelector(`[data-testid="${id}"]`)?.textContent === wanted, [testId, count], {
      timeout: PATIENCE_MS,
      polling: 10,
    });
  } catch {
    const shown = await page.getByTestId(testId).innerText().catch(() => "nothing");
    throw new Error(`${testId} shows ${shown}, not ${count}, after ${PATIENCE_MS} ms`);
  }
  const took = Math.round(performance.now() - since);
  console.log(`SEEN ${testId}=${count} after ${took} ms`);
  if (took > LIMIT_MS) throw new Error(`${testId} became ${count} only after ${took} ms`);
  if (!(await page.evaluate(() => window.notReloaded === true))) throw new Error("the board was reloaded");
}

async function readChange() {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    const told = /^CHANGED\s+([^=\s]+)=(\d+)\s*$/.exec(line);
    if (!told) throw new Error(`expected CHANGED <key>=<count>, got: ${line}`);
    lines.close();
    process.stdin.pause();
    return { key: told[1], count: told[2] };
  }
  throw new Error("stdin ended before CHANGED was told");
}

async function lookAtCase(page, name) {
  await page.goto(new URL(`/case/${given.CASE_ID}`, given.BASE_URL).href);
  await page.getByTestId("case-title").waitFor({ timeout: PATIENCE_MS });
  await page.getByTestId("timeline-entry").first().waitFor({ timeout: PATIENCE_MS });
  const entries = await page.getByTestId("timeline-entry").count();
  const clocks = await page.getByTestId("case-clocks").getByTestId("clock").count();
  if (clocks === 0) throw new Error(`${name}: no clock of the case is shown`);
  await expectNoOverflow(page, name);
  await page.screenshot({ path: join(given.OUT_DIR, `${name}.png`), fullPage: true });
  console.log(`LOOKED ${name} entries=${entries} clocks=${clocks}`);
}

async function expectNoOverflow(page, name) {
  // Against the size that was asked for: a phone's browser widens the window itself to what does not fit.
  const { width } = page.viewportSize();
  const excess = (await page.evaluate(() => document.documentElement.scrollWidth)) - width;
  if (excess > 0) throw new Error(`${name}: the page is ${excess} px wider than the screen`);
}

function fromEnvironment(names) {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.log(`FAILED missing in the environment: ${missing.join(", ")}`);
    process.exit(1);
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
