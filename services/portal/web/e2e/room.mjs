// Looks at joint judgement as two organizations do: the officer on duty opens a room over a case and calls a department; its liaison finds the
// room and says what the department holds; the officer writes a note, hands in pictures, sees what happened, takes a note back and closes.
//
// From the environment: BASE_URL, ACCOUNT (reads the case and may open rooms), LIAISON (of the department fire-rescue; both have the PASSWORD),
// CASE_ID (the case is registered and accepted), OUT_DIR (for screenshots), CHROMIUM (the program).
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { crc32, deflateSync } from "node:zlib";
import { becomesEmpty, chooseFile, fromEnvironment, keep, LANGUAGES, looking, open, signIn, SIZES } from "./browser.mjs";

const DEPARTMENT = "fire-rescue";
const QUESTION = "通道反复被占用，各单位分别做什么、做到什么时候";
const NOTE = "晚七点以后最多停了十一辆车，云梯车进不去";
const FINDING = "通道宽度不足三米五，不能展开云梯车";
const SUMMARY = "车道由物业划线，综合执法每周两次巡查，社区一个月后回访";
const MEBIBYTE = 1024 * 1024;

const given = fromEnvironment(["BASE_URL", "ACCOUNT", "LIAISON", "PASSWORD", "CASE_ID", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;

await looking(given, async (browser) => {
  const officer = await signIn(browser, given, given.ACCOUNT, "board");
  const liaison = await signIn(browser, given, given.LIAISON, "inbox");
  const desk = await open(browser, "wide", "zh", officer);
  const roomId = await openRoom(desk);
  await desk.locator('[data-testid="room-fact"][data-fact="dispatch.case_registered"]').waitFor();
  await addNote(desk);
  await assess(await open(browser, "phone", "zh", liaison), roomId);
  // What the other one wrote comes by itself.
  await desk.locator('[data-testid="room-entry"][data-kind="assessment"]').getByText(FINDING).waitFor();
  await handIn(desk);
  await takeBack(desk);
  await lookAround(browser, officer, roomId, "open");
  await close(desk);
  await desk.context().close();
  await lookAround(browser, officer, roomId, "closed");
});

/** From the case to the room, with what is required told first. */
async function openRoom(page) {
  await page.goto(at("/rooms"));
  await page.getByTestId("rooms").waitFor();
  await page.getByTestId("no-rooms").or(page.getByRole("table")).first().waitFor();
  await keep(page, given, "rooms-before-wide-zh");
  await page.goto(at(`/case/${given.CASE_ID}`));
  await page.getByTestId("judge-together").click();
  await page.getByTestId("open-room-page").waitFor();
  // The case brings its title.
  await page.waitForFunction(() => document.querySelector("#title")?.value !== "");
  await page.getByTestId("submit-room").click();
  await page.locator("#question_help .ant-form-item-explain-error").first().waitFor();
  await page.locator("#question").fill(QUESTION);
  await page.locator("#called").click();
  await page.keyboard.type(DEPARTMENT);
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await page.locator("#called_help .ant-form-item-explain-error").first().waitFor({ state: "detached" });
  await page.evaluate(() => window.scrollTo(0, 0));
  await keep(page, given, "open-room-wide-zh");
  await page.getByTestId("submit-room").click();
  await page.getByTestId("room-page").waitFor();
  return new URL(page.url()).pathname.split("/").at(-1);
}

async function addNote(page) {
  await page.getByTestId("add-note").click();
  await page.locator("#note_text_help .ant-form-item-explain-error").first().waitFor();
  await page.locator("#note_text").fill(NOTE);
  await page.getByTestId("add-note").click();
  await page.locator('[data-testid="room-entry"][data-kind="note"]').getByText(NOTE).waitFor();
  await becomesEmpty(page.locator("#note_text"), "the note is still in its form");
}

/** As the liaison, on a phone, by way of the list. */
async function assess(page, roomId) {
  await page.goto(at("/rooms"));
  await page.getByTestId(`room-${roomId}`).getByRole("link").click();
  await page.getByTestId("room-page").waitFor();
  await page.getByTestId("say-assessment").click();
  await page.locator("#assessment_finding").fill(FINDING);
  await page.locator("#assessment_proposal").fill("由物业重新划线，夜间由综合执法拖移");
  await page.getByTestId("add-assessment").click();
  await page.locator('[data-testid="room-entry"][data-kind="assessment"]').getByText(FINDING).waitFor();
  // Only the opener closes a room.
  if ((await page.getByTestId("action-CloseRoom").count()) > 0) throw new Error("whoever is called may close the room");
  await page.context().close();
}

/** A file of another kind and one that is too large are turned away by the page; a picture of some size arrives, byte for byte. */
async function handIn(page) {
  await page.getByTestId("say-evidence").click();
  const file = page.getByTestId("evidence-file");
  const objection = page.locator("#evidence_content_help .ant-form-item-explain-error").first();
  await chooseFile(file, "名单.png", Buffer.from("not a picture"));
  await objection.getByText("不支持这种文件").waitFor();
  await chooseFile(file, "大图.png", Buffer.concat([picture(8, 8), Buffer.alloc(20 * MEBIBYTE)]));
  await objection.getByText("超过 20 MiB").waitFor();
  // A name that does not fit is told at the name and can be mended there.
  await chooseFile(file, "通道.jpg", picture(8, 8));
  await page.locator("#evidence_fileName_help").getByText(".png").waitFor();
  const small = picture(480, 320);
  const large = picture(1600, 1200, true);
  for (const [name, bytes, caption] of [
    ["通道.png", small, "三幢北侧通道，晚七点"],
    ["通道全景.png", large, "通道全景"],
  ]) {
    await chooseFile(file, name, bytes);
    await objection.waitFor({ state: "detached" });
    await page.locator("#evidence_caption").fill(caption);
    await page.getByTestId("add-evidence").click();
    await evidence(page, name).waitFor();
  }
  await evidence(page, "通道.png").locator('[data-testid="picture"][data-drawn="true"]').waitFor();
  // A large one is read when it is asked for.
  await evidence(page, "通道全景.png").getByRole("button", { name: "显示图片" }).click();
  await evidence(page, "通道全景.png").locator('[data-testid="picture"][data-drawn="true"]').waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), evidence(page, "通道全景.png").getByTestId("download-evidence").click()]);
  const read = await readFile(await download.path());
  if (!read.equals(large)) throw new Error(`of ${large.length} bytes handed in, ${read.length} came back, or others`);
}

/** A note that is taken back leaves its place and the reason. */
async function takeBack(page) {
  const note = page.locator('[data-testid="room-entry"][data-kind="note"]');
  await note.getByRole("button").click();
  await page.locator("#reason").fill("数量有误");
  await page.getByTestId("action-submit").click();
  await page.locator('[data-testid="room-entry"][data-kind="withdrawn"]').getByText("数量有误").waitFor();
  if ((await page.getByText(NOTE).count()) > 0) throw new Error("what was taken back is still read");
}

async function close(page) {
  await page.getByTestId("action-CloseRoom").click();
  await page.locator("#summary").fill(SUMMARY);
  await keep(page, given, "close-room-wide-zh");
  await page.getByTestId("action-submit").click();
  await page.locator('[data-testid="room-page"][data-status="closed"]').waitFor();
  await page.getByTestId("room-summary").getByText(SUMMARY).waitFor();
}

async function lookAround(browser, cookies, roomId, state) {
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await open(browser, size, language, cookies);
      const name = `${size}-${language}`;
      await page.goto(at(`/rooms?show=all`));
      await page.getByTestId(`room-${roomId}`).waitFor();
      await keep(page, given, `rooms-${state}-${name}`);
      await page.goto(at(`/rooms/${roomId}`));
      await page.getByTestId("room-fact").first().waitFor();
      await evidence(page, "通道.png").scrollIntoViewIfNeeded();
      await evidence(page, "通道.png").locator('[data-testid="picture"][data-drawn="true"]').waitFor();
      await page.evaluate(() => window.scrollTo(0, 0));
      await keep(page, given, `room-${state}-${name}`);
      if (state === "open") {
        await page.getByTestId("say-evidence").click();
        await page.getByTestId("add-evidence").waitFor();
        await keep(page, given, `room-evidence-${name}`);
        await page.goto(at(`/rooms/new?case_id=${given.CASE_ID}`));
        await page.waitForFunction(() => document.querySelector("#title")?.value !== "");
        await keep(page, given, `open-room-from-case-${name}`);
      }
      await page.context().close();
      console.log(`LOOKED ${state} ${name}`);
    }
  }
}

/** The point of the timeline that holds a file. */
function evidence(page, fileName) {
  return page.locator('[data-testid="room-entry"][data-kind="evidence"]').filter({ has: page.getByText(fileName, { exact: true }) });
}

/** A PNG of this size: a gradient, or noise that no compression makes smaller. */
function picture(width, height, noise = false) {
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y += 1) {
    const start = y * (width * 3 + 1);
    if (noise) randomBytes(width * 3).copy(rows, start + 1);
    else for (let x = 0; x < width; x += 1) rows.set([200 - (y * 150) / height, 120 + (x * 100) / width, 150], start + 1 + x * 3);
  }
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])])),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, sum]);
}
