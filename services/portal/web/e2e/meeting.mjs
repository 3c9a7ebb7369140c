// Goes through a meeting and a procedure of four deliberations as those do who act in them. A worker proposes two topics and publishes their agenda; the secretary
// convenes a meeting and chairs it, and the worker records it on a phone: presence, motion, second, debate, speeches, amendment, ruling and appeal, roll call. What was carried
// becomes a resolution. The other topic goes through 四议两公开, whose decision is made public late. Looks at every page of it.
//
// From the environment: BASE_URL, WORKER, SECOND_WORKER and SECRETARY (accounts with the PASSWORD), OUT_DIR (for screenshots), CHROMIUM (the program).
// Prints `MOVE <days>` when so many days are to pass for the services, and waits on stdin for `MOVED <days>`.
// Ends with 0 and `PASSED`, or with 1 and one line that begins with `FAILED`.
import { fromEnvironment, keep, LANGUAGES, looking, open, signIn, SIZES } from "./browser.mjs";
import { act, choose, DAY_MS, fillTopic, idOf, localTime, publishAgenda, readMoved, support } from "./topics.mjs";

const TITLE = "七幢东侧晾晒区";
const OTHER_TITLE = "社区食堂选址";
const MOTION = "物业在7幢东侧装六组晾衣架,十月底前完成";
const AMENDED = "物业在7幢东侧装八组晾衣架,九月底前完成,业委会验收";
/** Seats 1 to 3 are of the residents' committee, 4 of the property company, 5 of the owners' committee, 6 to 9 of residents. */
const SEATS = 9;

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
  await openIt(chair, recorder);
  await moveAndSecond(chair, recorder);
  await debate(chair, recorder);
  await amend(chair, recorder);
  await rule(chair, recorder);
  await closeAndVote(chair, recorder);
  await act(chair, "CloseMeeting");
  await recorder.locator('[data-testid="meeting-page"][data-status="closed"]').waitFor();
  await chair.context().close();
  await recorder.context().close();
}

/** Waits until the page says what comes next; the meeting is read again by itself. */
async function waiting(page, what) {
  await page.locator(`[data-testid="next-step"][data-waiting="${what}"]`).waitFor();
}

async function touch(page, testId) {
  await page.getByTestId(testId).click();
}

async function openIt(chair, recorder) {
  await keep(chair, given, "meeting-convened-wide-zh");
  await touch(chair, "mark-all");
  await chair.getByTestId("seat-9").getByRole("button").click();
  await touch(chair, "touch-open");
  await waiting(recorder, "motion");
  // Somebody comes late: one touch.
  await recorder.getByTestId("seat-9").locator(".seat-presence").click();
  await recorder.locator('[data-testid="seat-9"][data-present="true"]').waitFor();
  await keep(recorder, given, "meeting-open-phone-zh");
}

/** Chooses a seat in a form. */
async function seat(form, field, number) {
  await form.locator(`#${field}`).getByText(new RegExp(`^${number}号`)).click();
}

async function moveAndSecond(chair, recorder) {
  await act(recorder, "MoveMotion", async (form) => {
    await seat(form, "seat", 6);
    await recorder.locator("#text").fill(MOTION);
    await keep(recorder, given, "meeting-move-phone-zh");
  });
  await waiting(recorder, "second");
  await keep(recorder, given, "meeting-second-phone-zh");
  await touch(recorder, "second-5");
  await waiting(chair, "debate");
  await touch(chair, "touch-debate");
  await waiting(recorder, "end_of_debate");
}

async function debate(chair, recorder) {
  // Quick touches follow each other; none is lost.
  for (const name of ["raise-for-6", "raise-for-7", "raise-against-1", "raise-against-4"]) await touch(recorder, name);
  await recorder.locator('[data-testid="queue"] li').nth(3).waitFor();
  await waiting(chair, "speaker");
  await touch(chair, "touch-recognise");
  await waiting(recorder, "speech");
  await recorder.getByTestId("turn").waitFor();
  // The clock is that of the services, though this device knows nothing of the days that passed.
  const face = await recorder.locator(".turn-clock").innerText();
  if (!/^(2:00|1:5\d)$/.test(face)) throw new Error(`the clock of a turn that has just begun shows ${face}`);
  await keep(recorder, given, "meeting-speech-phone-zh");
  await keep(chair, given, "meeting-speech-wide-zh");
  await recorder.waitForTimeout(2500);
  await touch(recorder, "touch-end");
  await waiting(chair, "speaker");
  await touch(chair, "touch-recognise");
  await waiting(recorder, "speech");
  await recorder.waitForTimeout(3500);
  await act(recorder, "CorrectSpeech", async () => recorder.locator("#secondsUsed").fill("2"));
  await waiting(recorder, "speaker");
  await recorder.getByTestId("speaking-time").getByText("0:02", { exact: true }).first().waitFor();
}

async function amend(chair, recorder) {
  await act(recorder, "MoveAmendment", async (form) => {
    await seat(form, "seat", 5);
    await recorder.locator("#text").fill(AMENDED);
  });
  await waiting(recorder, "amendment_second");
  await touch(recorder, "second-7");
  await waiting(chair, "speaker");
  await chair.getByTestId("amendment").waitFor();
  await keep(chair, given, "meeting-amendment-wide-zh");
  await keep(recorder, given, "meeting-amendment-phone-zh");
  await chair.getByTestId("language-switch").click();
  await keep(chair, given, "meeting-amendment-wide-en");
  await chair.getByTestId("language-switch").click();
  await act(recorder, "VoteOnAmendment", async (form) => {
    await form.locator("#count-ayes").fill("9");
    await form.locator("#count-noes").fill("2");
    // More votes than seats that are taken are seen at once.
    await form.getByTestId("count-sum").locator("xpath=self::*[contains(@class,'bad')]").waitFor();
    await form.locator("#count-ayes").fill("6");
    await keep(recorder, given, "meeting-count-phone-zh");
  });
  await chair.getByTestId("motion").getByText(AMENDED).waitFor();
}

async function rule(chair, recorder) {
  await act(chair, "MakeRuling", async () => chair.locator("#text").fill("发言超出议题,请回到晾晒区"));
  await act(recorder, "AppealRuling-1", async (form) => {
    await seat(form, "seat", 8);
    await seat(form, "seconderSeat", 9);
    await form.locator("#count-ayes").fill("3");
    await form.locator("#count-noes").fill("5");
  });
  await chair.getByTestId("ruling-1").getByText("裁定维持").waitFor();
}

async function closeAndVote(chair, recorder) {
  await act(chair, "CloseDebate", async (form) => {
    await seat(form, "moverSeat", 2);
    await seat(form, "seconderSeat", 8);
    await form.locator("#count-ayes").fill("7");
    await form.locator("#count-noes").fill("2");
  });
  await waiting(recorder, "vote");
  await act(recorder, "VoteOnMotion", async (form) => {
    await form.getByText("唱名表决").click();
    for (let number = 1; number <= SEATS; number += 1) {
      await form.getByTestId(`roll-${number}`).getByText(number === 4 ? "反对" : number === 1 ? "弃权" : "同意").click();
    }
    await keep(recorder, given, "meeting-roll-phone-zh");
  });
  await recorder.locator('[data-testid="decided-1"][data-outcome="carried"]').waitFor();
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
      for (const [name, path, testId] of [
        ["topic", `/topics/${topicId}`, "topic-page"],
        ["agenda", `/agendas/${agendaId}`, "agenda-page"],
        ["convene", `/agendas/${agendaId}/convene`, "convene-page"],
        ["meetings", "/meetings", "meetings"],
        ["meeting", `/meetings/${meetingId}`, "meeting-page"],
        ["procedures", "/procedures", "procedures"],
        ["procedure", `/procedures/${procedureId}`, "procedure-page"],
        ["resolution", `/resolutions/${resolutionId}`, "resolution-page"],
      ]) {
        await page.goto(at(path));
        await page.getByTestId(testId).waitFor();
        await page.locator(".ant-skeleton").first().waitFor({ state: "detached" });
        await page.waitForLoadState("networkidle");
        await keep(page, given, `${name}-${size}-${language}`);
      }
      await page.context().close();
    }
  }
}
