// What scripts that go through deliberation share: actions by their forms, a topic and its published agenda, and days that pass.
import { createInterface } from "node:readline";

export const DAY_MS = 86_400_000;
const ESTATE = "330105001052001";
const CATEGORY = "消防通道";

/** Opens the form of an action, fills it and sends it; the form goes when it was done. */
export async function act(page, rpc, fill = async () => {}) {
  await page.getByTestId(`action-${rpc}`).first().click();
  const form = page.locator('[data-testid^="action-form-"]');
  await form.waitFor();
  await fill(form);
  await page.getByTestId("action-submit").click();
  await form.waitFor({ state: "detached" });
}

/** Chooses in a list by typing what is looked for. */
export async function choose(page, field, typed) {
  await field.click();
  await page.keyboard.type(typed);
  await page.keyboard.press("Enter");
}

/** So many days from now, as the clocks of China show it and a field takes it. */
export function localTime(days) {
  return new Date(Date.now() + days * DAY_MS + 8 * 3_600_000).toISOString().slice(0, 16);
}

/** The last part of a page's address. */
export function idOf(page) {
  return new URL(page.url()).pathname.split("/").at(-1);
}

/** Fills and sends the form that proposes a topic, on the page of topics; ends on the page of the topic. */
export async function fillTopic(page, title, question) {
  await page.locator("#title").fill(title);
  await page.locator("#question").fill(question);
  await choose(page, page.locator("#areaCode"), ESTATE);
  await choose(page, page.locator("#categoryCode"), CATEGORY);
  await page.getByTestId("action-submit").click();
  await page.getByTestId("action-form-ProposeTopic").waitFor({ state: "detached" });
  await page.getByRole("link", { name: title }).first().click();
  await page.getByTestId("topic-page").waitFor();
  return idOf(page);
}

/** Notes the support of households that live in the estate. */
export async function support(page, households) {
  for (const household of households) {
    await act(page, "SupportTopic", async () => {
      await page.locator("#household").fill(household);
      await choose(page, page.locator("#buildingCode"), ESTATE);
    });
  }
}

/** Draws up an agenda that has a place for every topic that waits, and publishes it. */
export async function publishAgenda(page, address) {
  await page.goto(address);
  await page.getByTestId("agendas").waitFor();
  await act(page, "DrawUpAgenda", async () => {
    await page.locator("#title").fill("居民议事会");
    await page.locator("#meetsAt").fill(localTime(20));
    await page.locator("#places").fill("5");
    await page.locator("#lotSource").fill("当日公开摇号");
  });
  await page.locator('[data-testid^="agenda-"] a').first().click();
  await page.getByTestId("agenda-page").waitFor();
  await page.getByTestId("place-sentence").first().waitFor();
  await act(page, "PublishAgenda");
  await page.locator('[data-testid="agenda-page"][data-status="published"]').waitFor();
  return idOf(page);
}

/** Lets the slips be given out, on the page for them; returns their codes. */
export async function makeSlips(page) {
  await page.getByTestId("make-slips").click();
  await page.locator(".ant-modal-confirm .ant-btn-primary").click();
  await page.locator(".slip-code").first().waitFor();
  return page.locator(".slip-code").allInnerTexts();
}

/** Waits until somebody tells on stdin that so many days have passed for the services. */
export async function readMoved() {
  const lines = createInterface({ input: process.stdin });
  for await (const line of lines) {
    const told = /^MOVED\s+(\d+)\s*$/.exec(line);
    if (!told) throw new Error(`expected MOVED <days>, got: ${line}`);
    lines.close();
    process.stdin.pause();
    return Number(told[1]);
  }
  throw new Error("stdin ended before MOVED was told");
}
