import { expect, test } from "bun:test";
import { parseNetwork } from "./network.ts";

test.each([
  ["127.0.0.1", { address: "127.0.0.1", family: "ipv4", bits: 32 }],
  ["10.0.0.0/8", { address: "10.0.0.0", family: "ipv4", bits: 8 }],
  ["10.1.2.3/0", { address: "10.1.2.3", family: "ipv4", bits: 0 }],
  ["::1", { address: "::1", family: "ipv6", bits: 128 }],
  ["fd00::/8", { address: "fd00::", family: "ipv6", bits: 8 }],
] as const)("parseNetwork() reads %s", (text, network) => {
  expect(parseNetwork(text)).toEqual(network);
});

test.each([
  "",
  "proxy",
  "10.0.0",
  "010.0.0.1",
  "10.0.0.0/33",
  "10.0.0.0/",
  "10.0.0.0/08",
  "10.0.0.0/-1",
  "10.0.0.0/8/8",
  "10.0.0.1:80",
  "::1/129",
  "[::1]",
  "fe80::1%eth0",
  "fe80::1%eth0/64",
])("parseNetwork() gives null for %j", (text) => {
  expect(parseNetwork(text)).toBeNull();
});
