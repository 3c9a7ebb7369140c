// What every look at the pages needs: a browser, somebody signed in, sizes and languages, complaints of the console, and an honest end.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

/** A step takes seconds; on a machine with much else to do it takes many. */
export const PATIENCE_MS = 60_000;
export const SIZES = { wide: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } };
export const LANGUAGES = ["zh", "en"];
const PROGRAM_OPTIONS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SEEN_CHARACTERS = 300;
const complaints = [];
/** Folders of files that were chosen; a page reads them until the end. */
const chosen = [];

/** Looks with a browser; prints `PASSED`, or one line that begins with `FAILED`, and ends accordingly. */
export async function looking(given, look) {
  try {
    await mkdir(given.OUT_DIR, { recursive: true });
    const browser = await chromium.launch({ executablePath: given.CHROMIUM, args: PROGRAM_OPTIONS });
    try {
      await look(browser);
    } catch (error) {
      throw new Error(`${error?.message ?? error}${placeOf(error)}${await seenIn(browser)}`, { cause: error });
    } finally {
      await browser.close();
      for (const folder of chosen) await rm(folder, { recursive: true });
    }
    if (complaints.length > 0) throw new Error(`the console complained: ${complaints.join(" | ")}`);
    console.log("PASSED");
  } catch (error) {
    console.log(`FAILED ${String(error?.message ?? error).replaceAll("\n", " ")}`);
    process.exitCode = 1;
  }
}

/** Which lines of the scripts were at it, innermost first: one locator serves many steps. */
function placeOf(error) {
  const lines = [...String(error?.stack ?? "").matchAll(/\/e2e\/(\w[\w-]*\.mjs:\d+)/g)].map(([, line]) => line);
  return lines.length > 0 ? ` at ${lines.join(", ")}` : "";
}

/** What the pages that are open tell people at this moment: an objection says more than that a form did not go. */
async function seenIn(browser) {
  const told = [];
  for (const page of browser.contexts().flatMap((context) => context.pages())) {
    const texts = await page.locator('[role="alert"], .ant-modal-body, .ant-message').allInnerTexts().catch(() => []);
    const shown = texts.filter(Boolean).map((text) => text.replace(/\s+/g, " ").slice(0, SEEN_CHARACTERS));
    told.push(`${new URL(page.url()).pathname}: ${shown.join(" | ") || "nothing special"}`);
  }
  return told.length > 0 ? `; seen at ${told.join("; ")}` : "";
}

/** Signs in on the page for it; `home` is what is seen first. Returns the cookies and, where a name is given, keeps a picture. */
export async function signIn(browser, given, account, home, name) {
  const context = await browser.newContext({ viewport: SIZES.wide });
  const page = await context.newPage();
  // Before signing in the portal rightly answers 401 to "who am I"; browsers log that, so this page's console is not judged.
  page.on("pageerror", (error) => complaints.push(error.message));
  await page.goto(new URL("/", given.BASE_URL).href);
  await page.getByTestId("account").waitFor({ timeout: PATIENCE_MS });
  if (name) await page.screenshot({ path: join(given.OUT_DIR, `${name}.png`) });
  await page.getByTestId("account").fill(account);
  await page.getByTestId("password").fill(given.PASSWORD);
  await page.getByTestId("sign-in").click();
  const outcome = page.getByTestId(home).or(page.getByTestId("sign-in-error"));
  await outcome.first().waitFor({ timeout: PATIENCE_MS });
  if (await page.getByTestId("sign-in-error").isVisible()) throw new Error(`signing in: ${await page.getByTestId("sign-in-error").innerText()}`);
  const cookies = await context.cookies();
  if (!cookies.some((cookie) => cookie.httpOnly && cookie.sameSite === "Strict")) throw new Error("the session cookie is not HttpOnly and SameSite=Strict");
  await context.close();
  return cookies;
}

/** A page of somebody who is signed in. */
export async function open(browser, size, language, cookies) {
  const page = await openFor(browser, size, language, cookies);
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  return page;
}

/** A page of somebody who is signed in nowhere: the portal rightly answers 401 to "who am I", and browsers log that. */
export async function openToAll(browser, size, language) {
  const page = await openFor(browser, size, language, []);
  const answered401 = "Failed to load resource: the server responded with a status of 401";
  page.on("console", (message) => message.type() === "error" && !message.text().startsWith(answered401) && complaints.push(message.text()));
  return page;
}

async function openFor(browser, size, language, cookies) {
  const isPhone = size === "phone";
  const context = await browser.newContext({ viewport: SIZES[size], isMobile: isPhone, hasTouch: isPhone, deviceScaleFactor: isPhone ? 2 : 1 });
  await context.addCookies(cookies);
  await context.addInitScript((chosen) => localStorage.setItem("gongzhi.language", chosen), language);
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  page.on("pageerror", (error) => complaints.push(error.message));
  return page;
}

/** Keeps a picture of a page that fits its screen. */
export async function keep(page, given, name) {
  // Against the size that was asked for: a phone's browser widens the window itself to what does not fit.
  const { width } = page.viewportSize();
  const excess = (await page.evaluate(() => document.documentElement.scrollWidth)) - width;
  if (excess > 0) throw new Error(`${name}: the page is ${excess} px wider than the screen`);
  await page.screenshot({ path: join(given.OUT_DIR, `${name}.png`), fullPage: true });
}

/** Waits until a field holds nothing any more: what empties it comes a moment after what it wrote. */
export async function becomesEmpty(field, otherwise) {
  const until = Date.now() + PATIENCE_MS;
  while ((await field.inputValue()) !== "") {
    if (Date.now() > until) throw new Error(otherwise);
    await field.page().waitForTimeout(50);
  }
}

/**
 * Chooses a file from the disk, as people do. Handed over as bytes it would go through the browser's pipe as text and be decoded by the page: five seconds
 * for 20 MiB on two processors that do nothing else.
 */
export async function chooseFile(input, name, bytes) {
  const folder = await mkdtemp(join(tmpdir(), "gongzhi-chosen-"));
  chosen.push(folder);
  const path = join(folder, name);
  await writeFile(path, bytes);
  await input.setInputFiles(path);
}

export function fromEnvironment(names) {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    console.log(`FAILED missing in the environment: ${missing.join(", ")}`);
    process.exit(1);
  }
  return Object.fromEntries(names.map((name) => [name, process.env[name]]));
}
