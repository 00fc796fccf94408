import { describe, expect, test } from "bun:test";
import { createHostRule } from "./host_rule.ts";
import { guardRequests } from "./request_guard.ts";

/** What Bun makes of a request: its `url` may be no URL. */
function requestOf(url: string, host?: string, method = "GET"): Request {
  const request = new Request("http://localhost/", {
    method,
    headers: host === undefined ? {} : { host },
  });
  return Object.defineProperty(request, "url", { value: url, configurable: true });
}

function guard(listensOn: string, names: readonly string[] = []) {
  const answer = guardRequests((request) => new Response(new URL(request.url).href), {
    hostRule: createHostRule({ listensOn, names }),
    onProxied: null,
    refuse: (_, code) => new Response(code),
  });
  return async (request: Request) => (await answer(request)).text();
}

describe("guardRequests()", () => {
  test.each([
    ["http://localhost/b?c", "localhost", "http://localhost/b?c"],
    ["http://LOCALHOST:1/b", "LOCALHOST:1", "http://localhost:1/b"],
    ["http://localhost/b", undefined, "http://localhost/b"],
    ["http://evil.example/b", "evil.example", "host_not_allowed"],
    ["http://evil.example/health/live", "evil.example", "host_not_allowed"],
    ["http://localhost/b", "localhost, evil.example", "invalid_host"],
    ["/health/live?c", undefined, "http://localhost/health/live?c"],
    ["/health/live", "", "http://localhost/health/live"],
    ["/health/live/", undefined, "http://localhost/health/live/"],
    ["/health/live/?c", undefined, "http://localhost/health/live/?c"],
    ["/health/live//", undefined, "invalid_host"],
    ["/", undefined, "invalid_host"],
    ["/b", undefined, "invalid_host"],
    ["//health/live", undefined, "invalid_host"],
    ["/b", "a b", "invalid_host"],
    ["http://[::1/b", "[::1", "invalid_host"],
    ["evil:80", "localhost", "method_not_allowed"],
    ["evil:80", undefined, "method_not_allowed"],
  ])("guardRequests() makes %p of host %p to %p on loopback", async (url, host, expected) => {
    expect(await guard("127.0.0.1")(requestOf(url, host))).toBe(expected);
  });

  test("guardRequests() answers OPTIONS without a host on every path", async () => {
    const ask = guard("127.0.0.1");

    expect(await ask(requestOf("/", undefined, "OPTIONS"))).toBe("http://localhost/");
    expect(await ask(requestOf("http://a/", "a", "OPTIONS"))).toBe("host_not_allowed");
  });

  test("guardRequests() answers health and metrics by address, and nothing else, when names are enforced", async () => {
    const ask = guard("0.0.0.0", ["tally.example"]);
    const url = "http://10.0.0.5:8081";

    expect(await ask(requestOf(`${url}/health/live`, "10.0.0.5:8081"))).toBe(`${url}/health/live`);
    expect(await ask(requestOf(`${url}/metrics`, "10.0.0.5:8081"))).toBe(`${url}/metrics`);
    expect(await ask(requestOf(`${url}/metrics/`, "10.0.0.5:8081"))).toBe(`${url}/metrics/`);
    expect(await ask(requestOf("/metrics"))).toBe("invalid_host");
    expect(await ask(requestOf(`${url}/events`, "10.0.0.5:8081"))).toBe("host_not_allowed");
  });

  test("guardRequests() refuses what a proxy passes on, but health, and says so once", async () => {
    let seen = 0;
    const answer = guardRequests(() => new Response("answered"), {
      hostRule: createHostRule({ listensOn: "127.0.0.1", names: [] }),
      onProxied: () => void seen++,
      refuse: (_, code) => new Response(code),
    });
    const ask = async (path: string, headers: Record<string, string>) =>
      (await answer(new Request(`http://localhost${path}`, { headers }))).text();

    const proxied = { "x-forwarded-for": "203.0.113.7" };
    expect(await ask("/events", {})).toBe("answered");
    expect(await ask("/health/ready", proxied)).toBe("answered");
    expect(await ask("/health/ready/?a", proxied)).toBe("answered");
    expect(seen).toBe(0);
    expect(await ask("/events", proxied)).toBe("proxied_without_keys");
    expect(await ask("/metrics", { forwarded: "for=203.0.113.7" })).toBe("proxied_without_keys");
    expect(seen).toBe(1);
  });

  test("guardRequests() judges each host again after one that passed", async () => {
    const ask = guard("127.0.0.1");
    const own = () => requestOf("http://localhost/b", "localhost");

    const answers: string[] = [];
    for (const request of [own(), requestOf("http://evil/b", "evil"), own(), requestOf("/b")]) {
      answers.push(await ask(request));
    }
    answers.push(await ask(requestOf("evil:80", "localhost", "GET")));

    const passed = "http://localhost/b";
    expect(answers).toEqual([
      passed,
      "host_not_allowed",
      passed,
      "invalid_host",
      "method_not_allowed",
    ]);
  });
});
