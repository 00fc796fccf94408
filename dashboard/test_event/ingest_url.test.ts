/** Where the page's test event goes. */
import { expect, test } from "bun:test";
import { readIngestUrl } from "./ingest_url.ts";

const page = { protocol: "https:", hostname: "tally.example" };

test("readIngestUrl() takes this host and port 8081 when no usable URL is configured", () => {
  for (const configured of [undefined, "", "nonsense", "javascript:alert(1)"]) {
    expect(readIngestUrl(configured, page)).toBe("https://tally.example:8081");
  }
});

test("readIngestUrl() keeps the brackets when the page was loaded by an IPv6 address", () => {
  const { protocol, hostname } = new URL("http://[::1]:8082/tally/");

  expect(readIngestUrl("", { protocol, hostname })).toBe("http://[::1]:8081");
});

test("readIngestUrl() takes the configured URL without the last slash", () => {
  expect(readIngestUrl("http://127.0.0.1:9081/", page)).toBe("http://127.0.0.1:9081");
  expect(readIngestUrl("https://in.example/tally/", page)).toBe("https://in.example/tally");
});
