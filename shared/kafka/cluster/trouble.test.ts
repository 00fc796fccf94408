import { describe, expect, test } from "bun:test";
import { readTrouble, readUnreachedBroker, type TroubleKind } from "./trouble.ts";

const SERVERS = "kafka.example:9093,other.example:9093";

/** Lines as librdkafka 2.15 writes them. */
const LINES: [message: string, kind: TroubleKind][] = [
  [
    "[thrd:kafka.example:9093/bootstrap]: kafka.example:9093/bootstrap: Failed to resolve 'kafka.example:9093': Name or service not known (after 2ms in state CONNECT)",
    "name_unresolved",
  ],
  [
    "[thrd:a]: kafka.example:9093/bootstrap: Connect to ipv4#127.0.0.1:9093 failed: Connection refused (after 0ms in state CONNECT)",
    "not_connected",
  ],
  [
    "[thrd:a]: elsewhere.example:9093/1: Failed to resolve 'elsewhere.example:9093': Name or service not known (after 2ms in state CONNECT)",
    "advertised_elsewhere",
  ],
  [
    "[thrd:a]: 10.0.0.1:9093/3: Connect to ipv4#10.0.0.1:9093 failed: Connection refused (after 0ms in state CONNECT)",
    "advertised_elsewhere",
  ],
  [
    "[thrd:sasl_ssl://kafka.example:9093/bootstrap]: sasl_ssl://kafka.example:9093/bootstrap: SASL authentication error: Authentication failed during authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512 (after 5ms in state AUTH_REQ)",
    "login_refused",
  ],
  [
    "[thrd:ssl://kafka.example:9093/bootstrap]: ssl://kafka.example:9093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not be verified, verify that ssl.ca.location is correctly configured (after 9ms in state SSL_HANDSHAKE)",
    "certificate_untrusted",
  ],
  [
    "[thrd:ssl://kafka.example:9093/bootstrap]: ssl://kafka.example:9093/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener? (after 9ms in state SSL_HANDSHAKE)",
    "protocol_mismatch",
  ],
  [
    "[thrd:sasl_plaintext://kafka.example:9093/bootstrap]: sasl_plaintext://kafka.example:9093/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state: broker's supported mechanisms:  (after 2ms in state AUTH_HANDSHAKE)",
    "protocol_mismatch",
  ],
  [
    "[thrd:sasl_plaintext://kafka.example:9093/bootstrap]: sasl_plaintext://kafka.example:9093/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Unsupported SASL mechanism: broker's supported mechanisms: SCRAM-SHA-256 (after 2ms in state AUTH_HANDSHAKE)",
    "login_refused",
  ],
  [
    "[thrd:a]: kafka.example:9093/bootstrap: Disconnected (after 3ms in state APIVERSION_QUERY)",
    "closed_at_once",
  ],
  ["[thrd:a]: kafka.example:9093/1: Disconnected (after 600012ms in state UP)", "not_connected"],
  [
    "[thrd:kafka.example:9093/bootstrap]: kafka.example:9093/bootstrap: Disconnected: requesting ApiVersion: might be caused by incorrect security.protocol configuration (connecting to a SSL listener?) or broker version is < 0.10 (see api.version.request) (after 0ms in state APIVERSION_QUERY)",
    "protocol_mismatch",
  ],
];

describe("readTrouble()", () => {
  test.each(LINES)("readTrouble() reads %p", (message, kind) => {
    const trouble = readTrouble({ severity: 3, facility: "FAIL", message }, SERVERS);

    expect(trouble?.kind).toBe(kind);
    expect(trouble?.detail).not.toContain("in state");
  });

  test("readTrouble() gives null when a line reports no failed connection", () => {
    const message = "[thrd:main]: Broker changed";

    expect(readTrouble({ severity: 7, facility: "X", message }, SERVERS)).toBeNull();
  });
});

describe("readUnreachedBroker()", () => {
  test.each([
    ["[thrd:a]: a:9093/3: Connect to ipv4#10.0.0.1:9093 failed: Connection refused (after 0ms)", 3],
    ["[thrd:a]: a:9093/12: Failed to resolve 'a:9093': Name or service not known (after 0ms)", 12],
    ["[thrd:a]: a:9093/3: Disconnected (after 600000ms in state UP)", null],
    ["[thrd:a]: a:9093/bootstrap: Connect to ipv4#10.0.0.1:9093 failed: refused", null],
  ])("readUnreachedBroker() reads %p as %p", (message, id) => {
    expect(readUnreachedBroker({ severity: 3, facility: "FAIL", message })).toBe(id);
  });
});
