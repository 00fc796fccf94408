import { describe, expect, test } from "bun:test";
import { createHostRule } from "./host_rule.ts";

const OWN = [
  "localhost:8081",
  "LOCALHOST",
  "app.localhost:1",
  "127.0.0.1:8081",
  "127.3.2.1",
  "[::1]",
];
const FOREIGN = ["evil.example", "evil.example:8082", "localhost.evil.example", "192.168.1.2", "a"];

function judge(listensOn: string, names: readonly string[] = []) {
  const rule = createHostRule({ listensOn, names });
  return (host: string | null) => {
    const { answers, code } = rule(host);
    return answers === "everything" ? answers : `${answers} ${code}`;
  };
}

describe("createHostRule()", () => {
  test.each(["127.0.0.1", "127.0.0.5", "::1", "localhost"])(
    "createHostRule() answers only this machine's names when the service listens on %s",
    (listensOn) => {
      const judged = judge(listensOn);

      expect(OWN.map(judged)).toEqual(OWN.map(() => "everything"));
      expect(FOREIGN.map(judged)).toEqual(FOREIGN.map(() => "nothing host_not_allowed"));
    },
  );

  test("createHostRule() answers listed names, too, when there are some", () => {
    const judged = judge("127.0.0.1", ["tally.example", "10.0.0.5"]);

    const hosts = ["tally.example", "TALLY.example:443", "10.0.0.5:8081", ...OWN];
    expect(hosts.map(judged)).toEqual(hosts.map(() => "everything"));
    expect(["evil.example", "a.tally.example"].map(judged)).toEqual([
      "nothing host_not_allowed",
      "nothing host_not_allowed",
    ]);
  });

  test("createHostRule() answers every name when the service listens on the network and none is listed", () => {
    expect([...OWN, ...FOREIGN].map(judge("0.0.0.0"))).toEqual(
      [...OWN, ...FOREIGN].map(() => "everything"),
    );
  });

  test("createHostRule() enforces the list on the network, but for health checks by address", () => {
    const judged = judge("0.0.0.0", ["tally.example"]);

    expect([...OWN, "tally.example"].map(judged)).toEqual([...OWN, ""].map(() => "everything"));
    expect(["evil.example", "10.0.0.5:8081", "[fe80::1]"].map(judged)).toEqual([
      "nothing host_not_allowed",
      "monitoring host_not_allowed",
      "monitoring host_not_allowed",
    ]);
  });

  test.each(["127.0.0.1", "0.0.0.0"])(
    "createHostRule() gives health alone to a request without a host, and nothing to a malformed one, on %s",
    (listensOn) => {
      const judged = judge(listensOn);

      expect([null, ""].map(judged)).toEqual(["health invalid_host", "health invalid_host"]);
      expect(["a b", "localhost, evil", "[::1", "x:99999"].map(judged)).toEqual(
        Array<string>(4).fill("nothing invalid_host"),
      );
    },
  );
});
