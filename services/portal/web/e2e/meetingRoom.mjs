// What a chair and a recorder do in the room of a meeting, each on a page of their own: open it, move and second, debate, amend, rule and appeal, close the debate and vote.
import { keep } from "./browser.mjs";
import { act } from "./topics.mjs";

const MOTION = "物业在7幢东侧装六组晾衣架,十月底前完成";
const AMENDED = "物业在7幢东侧装八组晾衣架,九月底前完成,业委会验收";
/** Seats 1 to 3 are of the residents' committee, 4 of the property company, 5 of the owners' committee, 6 to 9 of residents. */
export const SEATS = 9;

/** Waits until the page says what comes next; the meeting is read again by itself. */
async function waiting(page, what) {
  await page.locator(`[data-testid="next-step"][data-waiting="${what}"]`).waitFor();
}

export async function touch(page, testId) {
  await page.getByTestId(testId).click();
}

export async function openIt(chair, recorder, given) {
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

export async function moveAndSecond(chair, recorder, given) {
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

export async function debate(chair, recorder, given) {
  // Quick touches follow each other; none is lost.
  for (const name of ["raise-for-6", "raise-for-7", "raise-against-1", "raise-against-4"]) await touch(recorder, name);
  await recorder.locator('[data-testid="queue"] li').nth(3).waitFor();
  await waiting(chair, "speaker");
  await touch(chair, "touch-recognise");
  await waiting(recorder, "speech");
  await recorder.getByTestId("turn").waitFor();
  // The clock is that of the services, though this device knows nothing of the days that passed.
  const face = await recorder.locator(".turn-clock").innerText();
  if (!/^(2:00|1:[0-5]\d)$/.test(face)) throw new Error(`the clock of a turn that has just begun shows ${face}`);
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

export async function amend(chair, recorder, given) {
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

export async function rule(chair, recorder) {
  await act(chair, "MakeRuling", async () => chair.locator("#text").fill("发言超出议题,请回到晾晒区"));
  await act(recorder, "AppealRuling-1", async (form) => {
    await seat(form, "seat", 8);
    await seat(form, "seconderSeat", 9);
    await form.locator("#count-ayes").fill("3");
    await form.locator("#count-noes").fill("5");
  });
  await chair.getByTestId("ruling-1").getByText("裁定维持").waitFor();
}

export async function closeAndVote(chair, recorder, given) {
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
