import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { createClientRule, isProxied, networkOf } from "./client_address.ts";

const PROXY = "10.0.0.1";
const rule = createClientRule([PROXY, "192.168.0.0/16", "::1", "fd00::/8"]);

const from = (forwarded: string, socket = PROXY): string =>
  rule.addressOf(new Headers({ "x-forwarded-for": forwarded }), socket);

describe("addressOf()", () => {
  test.each([
    ["nothing", "", PROXY],
    ["one client", "203.0.113.7", "203.0.113.7"],
    ["a port", "203.0.113.7:5123", "203.0.113.7"],
    ["IPv6", "2001:db8::7", "2001:db8::7"],
    ["IPv6 in brackets", "[2001:DB8::7]", "2001:db8::7"],
    ["IPv6 with a port", "[2001:db8::7]:443", "2001:db8::7"],
    ["IPv6 with a zone", "fe80::1%eth0", "fe80::1"],
    ["IPv4 within IPv6", "::ffff:203.0.113.7", "203.0.113.7"],
    ["several trusted proxies", "203.0.113.7, 192.168.3.4,fd12::1", "203.0.113.7"],
    ["what a client made up", "1.1.1.1, 203.0.113.7, 192.168.3.4", "203.0.113.7"],
    ["a proxy that can't name its client", "unknown, 192.168.3.4", "192.168.3.4"],
    ["garbage", "<script>", PROXY],
    ["garbage before the client", "<script>, 203.0.113.7", "203.0.113.7"],
    ["empty entries", ",,", PROXY],
    ["trusted proxies alone", "192.168.3.4", "192.168.3.4"],
    ["a very long entry", "1".repeat(10_000), PROXY],
  ])("addressOf() reads %s", (_, forwarded, address) => {
    expect(from(forwarded)).toBe(address);
  });

  test.each(["203.0.113.9", "2001:db8::1", "", "nonsense"])(
    "addressOf() is the address %p of the socket when that is no trusted proxy",
    (socket) => {
      expect(from("1.1.1.1", socket)).toBe(socket);
    },
  );

  test("addressOf() knows a trusted proxy of IPv4 on a socket of IPv6", () => {
    expect(from("203.0.113.7", `::ffff:${PROXY}`)).toBe("203.0.113.7");
  });

  test("addressOf() is always that of the socket without trusted proxies", () => {
    const headers = new Headers({ "x-forwarded-for": "1.1.1.1" });

    expect(createClientRule([]).addressOf(headers, "127.0.0.1")).toBe("127.0.0.1");
  });

  test("addressOf() looks through a bounded number of trusted proxies", () => {
    expect(from(Array.from({ length: 1000 }, () => "192.168.3.4").join(", "))).toBe("192.168.3.4");
    const hidden = ["203.0.113.7", ...Array.from({ length: 32 }, () => "192.168.3.4")];
    expect(from(hidden.join(", "))).toBe("192.168.3.4");
    expect(from(hidden.slice(0, -1).join(", "))).toBe("203.0.113.7");
  });

  test("addressOf() never throws, and gives an address, whatever is sent", () => {
    const entry = fc.oneof(
      fc.string({ unit: "grapheme-ascii" }),
      fc.ipV4(),
      fc.ipV6(),
      fc.constantFrom(",", "[", "]", "[::1", "1.2.3.4:99999", "::ffff:1.2.3.4", "%", PROXY),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const found = createClientRule(["0.0.0.0/0", "::/0"]).addressOf(
          new Headers({ "x-forwarded-for": entries.join(",") }),
          PROXY,
        );
        expect(found).toMatch(/^[0-9a-f.:]+$/);
      }),
    );
  });
});

test.each([
  ["https", PROXY, true],
  ["HTTPS , http", PROXY, true],
  ["http", PROXY, false],
  ["http, https", PROXY, false],
  ["", PROXY, false],
  ["https", "203.0.113.9", false],
  ["https", "", false],
])("isSecure() of %p from %s is %p", (scheme, socket, isSecure) => {
  expect(rule.isSecure(new Headers({ "x-forwarded-proto": scheme }), socket)).toBe(isSecure);
});

test.each([
  ["X-Forwarded-For", true],
  ["x-forwarded-proto", true],
  ["X-Forwarded-Anything", true],
  ["Forwarded", true],
  ["X-Real-IP", true],
  ["Via", true],
  ["X-Forward", false],
  ["X-Api-Key", false],
])("isProxied() of a request with %s is %p", (name, isSeen) => {
  expect(isProxied(new Headers({ accept: "*/*", [name]: "1" }))).toBe(isSeen);
});

describe("networkOf()", () => {
  test.each([
    ["203.0.113.7", "203.0.113.7"],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["::ffff:cb00:7107", "0:0:0:0:0:ffff:cb00:7107"],
    ["64:ff9b::203.0.113.7", "64:ff9b:0:0:0:0:cb00:7107"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0:0::1", "2001:db8:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1:2:3:4:5:6:7::", "1:2:3:4::/64"],
    ["::2:3:4:5:6:7:8", "0:2:3:4::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["", ""],
    ["unknown", "unknown"],
  ])("networkOf() makes %p to %p", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test("networkOf() is one text for all that begins with the same 64 bits, and for nothing else", () => {
    const group = (min = 0, max = 0xffff) =>
      fc.integer({ min, max }).map((value) => value.toString(16));
    const four = (first: fc.Arbitrary<string>) =>
      fc.tuple(first, group(), group(), group()).map((groups) => groups.join(":"));
    // Addresses of the public internet: none of them holds one of IPv4.
    const network = four(group(0x2000, 0x3fff));
    const host = four(group());
    fc.assert(
      fc.property(network, network, host, host, (own, other, first, second) => {
        const found = networkOf(`${own}:${first}`);
        expect(networkOf(`${own}:${second}`)).toBe(found);
        expect(networkOf(`${other}:${first}`) === found).toBe(own === other);
      }),
    );
  });
});
