// Goes through a meeting and a procedure of four deliberations as those do who act in them. A worker proposes two topics and publishes their agenda; the secretary
// convenes a meeting and chairs it, and the worker records it on a phone: presence, motion, second, debate, speeches, amendment, ruling and appeal, roll call. What was carried
// becomes a resolution. The other topic goes through 四议两公开, whose decision is made public late. Looks at every page of it.
//
// From the environment: BASE_URL, WORKER, SECOND_WORKER and SECRETARY (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `MOVE <days>` when so many days are to pass for the services, and waits on stdin for `MOVED <days>`.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { fromEnvironment, keep, LANGUAGES, looking, open, signIn, SIZES } from "./browser.mjs";
import { amend, closeAndVote, debate, moveAndSecond, openIt, rule, SEATS, touch } from "./meetingRoom.mjs";
import { act, choose, DAY_MS, fillTopic, idOf, localTime, publishAgenda, readMoved, support } from "./topics.mjs";

const TITLE = "七幢东侧晾晒区";
const OTHER_TITLE = "社区食堂选址";

const given = fromEnvironment(["BASE_URL", "WORKER", "SECOND_WORKER", "SECRETARY", "PASSWORD", "OUT_DIR", "CHROMIUM"]);
const at = (path) => new URL(path, given.BASE_URL).href;
let movedDays = 0;

await looking(given, async (browser) => {
  const worker = await open(browser, "wide", "zh", await signIn(browser, given, given.WORKER, "board"));
  const topicId = await propose(worker, TITLE, "七幢东侧的空地怎样用来晾晒?");
  const otherId = await propose(worker, OTHER_TITLE, "社区食堂设在哪里?");
  const agendaId = await publishAgenda(worker, at("/agendas"));
  await worker.context().close();
  await pass(16);
  const meetingId = await convene(browser, topicId);
  await meet(browser, meetingId);
  const resolutionId = await adopt(browser, () => `/meetings/${meetingId}`, "adopt-motion-1", "motion");
  const procedureId = await deliberate(browser, otherId);
  await lookAround(browser, { topicId, agendaId, meetingId, resolutionId, procedureId });
});

async function pass(days) {
  console.log(`MOVE ${days}`);
  movedDays += await readMoved();
}

/** A page of somebody who acts after so many days. The room of a meeting needs no such clock: it goes by what the services say. */
async function pageOf(browser, size, language, account, { clock = true } = {}) {
  const page = await open(browser, size, language, await signIn(browser, given, account, "board"));
  if (clock) await page.clock.setFixedTime(Date.now() + movedDays * DAY_MS);
  return page;
}

async function propose(page, title, question) {
  await page.goto(at("/topics"));
  await page.getByTestId("action-ProposeTopic").click();
  const topicId = await fillTopic(page, title, question);
  await support(page, ["3-1-501"]);
  return topicId;
}

async function convene(browser, topicId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/topics/${topicId}`));
  await page.getByTestId("station-meetings").getByTestId("convene").click();
  await page.getByTestId("convene-page").waitFor();
  // A party belongs to one block.
  await page.locator("#seats_3_party").fill("物业");
  await page.locator("#seats_1_party").fill("社区居委会");
  await page.getByTestId("submit-convene").click();
  await page.locator(".ant-form-item-explain-error, .seat-rows [role=alert]").first().waitFor();
  await page.locator("#seats_1_party").fill("物业");
  await page.locator("#seats_3_party").fill("居民");
  await page.locator("#seats_3_seats").fill("4");
  await keep(page, given, "convene-wide-zh");
  await page.getByTestId("submit-convene").click();
  await page.getByTestId("meeting-page").waitFor();
  if ((await page.locator('[data-testid^="seat-"][data-present]').count()) !== SEATS) throw new Error(`there are not ${SEATS} seats`);
  const meetingId = idOf(page);
  await page.context().close();
  return meetingId;
}

async function meet(browser, meetingId) {
  const chair = await pageOf(browser, "wide", "zh", given.SECRETARY, { clock: false });
  const recorder = await pageOf(browser, "phone", "zh", given.WORKER, { clock: false });
  for (const page of [chair, recorder]) {
    await page.goto(at(`/meetings/${meetingId}`));
    await page.getByTestId("meeting-page").waitFor();
  }
  await openIt(chair, recorder, given);
  await moveAndSecond(chair, recorder, given);
  await debate(chair, recorder, given);
  await amend(chair, recorder, given);
  await rule(chair, recorder);
  await closeAndVote(chair, recorder, given);
  await act(chair, "CloseMeeting");
  await recorder.locator('[data-testid="meeting-page"][data-status="closed"]').waitFor();
  await chair.context().close();
  await recorder.context().close();
}

/** Adopts a resolution on what was decided, from the page that shows it. */
async function adopt(browser, pathOf, link, name) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(pathOf()));
  await touch(page, link);
  await page.getByTestId("adopt-page").waitFor();
  await page.locator("#goals_0_text").fill("十月底前建成并开放使用");
  await choose(page, page.locator("#goals_0_categoryCode"), "消防通道");
  await page.locator("#goals_0_dueOn").fill(localTime(movedDays + 90).slice(0, 10));
  await keep(page, given, `adopt-${name}-wide-zh`);
  await touch(page, "submit-adopt");
  await page.getByTestId("resolution-page").waitFor();
  await page.getByTestId("basis").getByRole("link").waitFor();
  const resolutionId = idOf(page);
  await page.context().close();
  return resolutionId;
}

async function deliberate(browser, topicId) {
  const page = await pageOf(browser, "wide", "zh", given.SECRETARY);
  await page.goto(at(`/topics/${topicId}`));
  await act(page, "OpenProcedure", async (form) => form.getByText("居民代表会议").click());
  await page.getByTestId("station-meetings").getByRole("link", { name: "四议两公开" }).click();
  await page.getByTestId("procedure-page").waitFor();
  const procedureId = idOf(page);
  const today = localTime(movedDays).slice(0, 10);
  for (const [step, [entitled, present, inFavour]] of [[7, 7, 7], [15, 13, 12], [60, 44, 40], [50, 41, 38]].entries()) {
    await act(page, "RecordProcedureStep", async () => {
      await page.locator("#heldOn").fill(today);
      if (step === 2) await page.locator("#announcedOn").fill(localTime(movedDays - 3).slice(0, 10));
      await page.locator("#entitled").fill(String(entitled));
      // No more are present than entitled.
      await page.locator("#present").fill(String(entitled + 1));
      await page.locator("#inFavour").fill(String(inFavour));
      await page.locator("#text").fill("社区食堂设在2幢一层,由街道出资改造");
      await page.getByTestId("action-submit").click();
      await page.locator("#present_help .ant-form-item-explain-error").waitFor();
      if (step === 0) await keep(page, given, "procedure-step-wide-zh");
      await page.locator("#present").fill(String(present));
    });
    await page.getByTestId(`step-${step + 1}`).getByText("达到", { exact: true }).first().waitFor();
    if (step === 1) await keep(page, given, "procedure-open-wide-zh");
  }
  await page.locator('[data-testid="procedure-page"][data-status="resolved"]').waitFor();
  await page.context().close();
  await adopt(browser, () => `/procedures/${procedureId}`, "adopt-resolution", "procedure");
  // Nobody makes the decision public in time.
  await pass(7);
  const later = await pageOf(browser, "phone", "zh", given.SECRETARY);
  await later.goto(at(`/procedures/${procedureId}`));
  await later.getByTestId("disclosure-1").getByText("超期").waitFor();
  await keep(later, given, "procedure-overdue-phone-zh");
  await act(later, "DiscloseDecision", async () => {
    await later.locator("#disclosedOn").fill(localTime(movedDays).slice(0, 10));
    await later.locator("#text").fill("贴在社区公告栏和各楼栋门厅,公布决议全文");
    await later.locator("#resultDueOn").fill(localTime(movedDays + 200).slice(0, 10));
  });
  await later.locator('[data-testid="procedure-page"][data-status="decision_disclosed"]').waitFor();
  await later.context().close();
  return procedureId;
}

async function lookAround(browser, { topicId, agendaId, meetingId, resolutionId, procedureId }) {
  for (const size of Object.keys(SIZES)) {
    for (const language of LANGUAGES) {
      const page = await pageOf(browser, size, language, given.SECRETARY);
      for (const [name, path, testId, shown] of [
        ["topic", `/topics/${topicId}`, "topic-page", TITLE],
        ["agenda", `/agendas/${agendaId}`, "agenda-page", TITLE],
        ["convene", `/agendas/${agendaId}/convene`, "convene-page", TITLE],
        ["meetings", "/meetings", "meetings", TITLE],
        ["meeting", `/meetings/${meetingId}`, "meeting-page", TITLE],
        ["procedures", "/procedures", "procedures", OTHER_TITLE],
        ["procedure", `/procedures/${procedureId}`, "procedure-page", OTHER_TITLE],
        ["resolution", `/resolutions/${resolutionId}`, "resolution-page", "晾衣架"],
      ]) {
        await page.goto(at(path));
        await page.getByTestId(testId).waitFor();
        await page.locator(".ant-skeleton").first().waitFor({ state: "detached" });
        await page.getByText(shown).first().waitFor();
        await keep(page, given, `${name}-${size}-${language}`);
      }
      await page.context().close();
    }
  }
}
