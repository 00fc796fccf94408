/**
 * Takes the pictures of the README: every view of a real system under load, in both schemes. The
 * events are made up; every figure is what the system says of them.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "@tally/shared";
import { launchBrowser } from "@tally/dashboard/testing/browser";

import type { System } from "../../system/system.ts";

/** The views on the pictures, their addresses, and whether they are shown to their end. */
const VIEWS = [
  { name: "overview", search: "", isWhole: true },
  { name: "explore", search: "?view=explore", isWhole: true },
  { name: "events", search: "?view=events&columns=path,total&id=visit-99", isWhole: false },
  { name: "pipeline", search: "?view=pipeline", isWhole: true },
  { name: "dead-letters", search: "?view=dead-letters", isWhole: false },
] as const;

const WIDTH = 1280;
const HEIGHT = 900;
/** Until charts are drawn and lists are filled. // chosen */
const SETTLE_MS = 4000;

/** Writes `<view>-<scheme>.png` files. */
export async function takePictures(url: string, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const browser = await launchBrowser();
  const written: string[] = [];
  try {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const { name, search, isWhole } of VIEWS) {
        const viewport = { width: WIDTH, height: HEIGHT };
        const page = await browser.newPage({ viewport, colorScheme });
        await page.goto(`${url}/${search}`);
        await page.waitForTimeout(SETTLE_MS);
        const path = join(folder, `${name}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: isWhole });
        written.push(path);
        await page.close();
      }
    }
  } finally {
    await browser.close();
  }
  return written;
}

const TYPES = ["page_view", "page_view", "page_view", "click", "click", "add_to_cart", "purchase"];
const PATHS = ["/", "/pricing", "/docs", "/docs/start", "/blog", "/signup"];
const BATCH = 40;
const BATCH_PAUSE_MS = 500;

/** Sends events until the signal ends it: about 80 a second; one in 500 reuses an id. */
export async function sendLoad(
  system: System,
  { signal, random }: { readonly signal: AbortSignal; readonly random: () => number },
): Promise<void> {
  for (let sent = 0; !signal.aborted; sent += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => ({
      // Such a one becomes a dead letter.
      eventId: `visit-${sent + index - ((sent + index) % 500 === 1 ? 1 : 0)}`,
      ...makeEvent(random),
    }));
    await send(system, events);
    await sleep(BATCH_PAUSE_MS, signal);
  }
}

const PAST_MINUTES = 60;
/** About as many as the load of a minute. */
const PAST_EVENTS_A_MINUTE = 4000;
const MINUTE_MS = 60_000;

/** Sends the hour before, as many events a minute as the load, more or less. */
export async function sendPast(
  system: System,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): Promise<void> {
  for (let minute = PAST_MINUTES; minute > 0; minute -= 1) {
    const count = Math.round(PAST_EVENTS_A_MINUTE * (1 + 0.25 * Math.sin(minute / 5)));
    const startMs = nowMs - minute * MINUTE_MS;
    const events = Array.from({ length: count }, () => ({
      ts: new Date(startMs + random() * MINUTE_MS).toISOString(),
      ...makeEvent(random),
    }));
    await send(system, events);
  }
}

function makeEvent(random: () => number): object {
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  return {
    sessionId: `visitor-${Math.floor(random() * 900)}`,
    eventType: pick(TYPES),
    payload: { path: pick(PATHS), total: Math.round(random() * 9000) / 100 },
  };
}

async function send({ ingests: [ingest] }: System, events: readonly object[]): Promise<void> {
  await fetch(`${ingest.url}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", prefer: "return=minimal" },
    body: JSON.stringify(events),
  });
}
