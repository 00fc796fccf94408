/** The title shows an alarm while the page is in a tab behind others. */
import { expect, test } from "bun:test";
import { pageTitle } from "./page_title.ts";

const GOOD = { level: "good", sentence: "Healthy" } as const;
const BAD = { level: "bad", sentence: "S3 is down" } as const;
const view = "Overview";

test("pageTitle() is the view while the system is well", () => {
  expect(pageTitle({ view, verdict: GOOD, connection: "live" })).toBe("Overview – Tally");
  const late = { level: "notice", sentence: "Rows are late" } as const;
  expect(pageTitle({ view, verdict: late, connection: "live" })).toBe("Overview – Tally");
});

test("pageTitle() begins with what is wrong", () => {
  const down = pageTitle({ view, verdict: BAD, connection: "live" });

  expect(down).toBe("S3 is down – Overview – Tally");
});

test("pageTitle() says that the page is not connected, whatever the last frame said", () => {
  const titles = (["stale", "reconnecting"] as const).map((connection) =>
    pageTitle({ view, verdict: BAD, connection }),
  );

  expect(titles).toEqual(["Stale – Overview – Tally", "Reconnecting – Overview – Tally"]);
});
