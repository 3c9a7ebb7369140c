// Looks at the pages as a duty officer does: signs in, watches the board move, opens a case; saves what it saw.
//
// From the environment: BASE_URL, ACCOUNT, PASSWORD, CASE_ID, OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `READY board`, then waits on stdin for a line `CHANGED <key>=<count>`: <count> open cases are to be shown within a
// second, without a reload, either in total or, where <key> is the code of an area, in the row of that area.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { createInterface } from "node:readline";
import { fromEnvironment, keep, LANGUAGES, looking, open, PATIENCE_MS, signIn, SIZES } from "./browser.mjs";

const LIMIT_MS = 1000;

const given = fromEnvironment(["BASE_URL", "ACCOUNT", "PASSWORD", "CASE_ID", "OUT_DIR", "CHROMIUM"]);

await looking(given, async (browser) => {
  const cookies = await signIn(browser, given, given.ACCOUNT, "board", "sign-in-wide-zh");
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
});

async function lookAtBoard(page, name) {
  await page.goto(new URL("/", given.BASE_URL).href);
  await page.getByTestId("open-count").waitFor({ timeout: PATIENCE_MS });
  await page.locator('[data-testid="live-state"][data-state="live"]').waitFor({ timeout: PATIENCE_MS });
  await keep(page, given, name);
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
  await keep(page, given, name);
  console.log(`LOOKED ${name} entries=${entries} clocks=${clocks}`);
}
