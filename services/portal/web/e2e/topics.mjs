// What those who act in the life of a topic do on its pages: fill forms of actions, choose in lists, propose a topic; and the passing of days.
import { createInterface } from "node:readline";

export const DAY_MS = 86_400_000;

/** Opens the form of an action, fills it and sends it; the form goes when it was done. */
export async function act(page, rpc, fill = async () => {}) {
  await page.getByTestId(`action-${rpc}`).first().click();
  const form = page.getByTestId(`action-form-${rpc}`);
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

/** Fills the form that proposes a topic and sends it. */
export async function fillTopic(page, title, question) {
  await page.locator("#title").fill(title);
  await page.locator("#question").fill(question);
  await choose(page, page.locator("#areaCode"), "330105001052001");
  await choose(page, page.locator("#categoryCode"), "消防通道");
  await page.getByTestId("action-submit").click();
  await page.getByTestId("action-form-ProposeTopic").waitFor({ state: "detached" });
  await page.getByRole("link", { name: title }).first().click();
  await page.getByTestId("topic-page").waitFor();
  return idOf(page);
}

/** Lets the slips of the page at the address be given out; returns their codes. */
export async function makeSlips(page, address) {
  await page.goto(address);
  await page.getByTestId("make-slips").click();
  await page.locator(".ant-modal-confirm .ant-btn-primary").click();
  await page.locator(".slip-code").first().waitFor();
  return page.locator(".slip-code").allInnerTexts();
}

/** The last part of the address. */
export function idOf(page) {
  return new URL(page.url()).pathname.split("/").at(-1);
}

/** Waits until whoever drives the world tells that days have passed. */
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
