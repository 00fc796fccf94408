import { expect, test } from "bun:test";
import { requireReadableUrl } from "./request_url.ts";

/** What Bun makes of a request: its `url` may be no URL. */
function requestOf(url: string, host?: string): Request {
  const request = new Request("http://localhost/", {
    headers: host === undefined ? {} : { host },
  });
  return Object.defineProperty(request, "url", { value: url, configurable: true });
}

const answer = requireReadableUrl(
  (request) => new Response(new URL(request.url).href),
  () => new Response("refused"),
);

test.each([
  ["http://a/b?c", "a", "http://a/b?c"],
  ["/b?c", undefined, "http://localhost/b?c"],
  ["//b/c", undefined, "http://localhost//b/c"],
  ["/b", "", "http://localhost/b"],
  ["/b", "a b", "refused"],
  ["http://[::1/b", "[::1", "refused"],
  ["http://a:99999/b", "a:99999", "refused"],
])("requireReadableUrl() makes %p of host %p to %p", async (url, host, expected) => {
  const response = await answer(requestOf(url, host));

  expect(await response.text()).toBe(expected);
});
