import { expect, test } from "bun:test";
import { idIndexWarning } from "./id_index.ts";

const MIB = 1024 ** 2;
const LARGE = { indexBytes: 300 * MIB, buffersBytes: 128 * MIB };

test("idIndexWarning() names both sizes when random ids outgrow the buffers", () => {
  const warning = idIndexWarning({ ...LARGE, correlation: 0.01 });

  expect(warning).toContain("(300 MiB)");
  expect(warning).toContain("(128 MiB): since the ids are random");
});

test("idIndexWarning() warns when half of the ids are random", () => {
  expect(idIndexWarning({ ...LARGE, correlation: 0.25 })).not.toBeNull();
});

test("idIndexWarning() says so when PostgreSQL does not know the order of the ids yet", () => {
  expect(idIndexWarning({ ...LARGE, correlation: null })).toContain("if the ids are random");
});

test.each([
  { what: "the index fits", index: { indexBytes: 128 * MIB, buffersBytes: 128 * MIB } },
  { what: "ids grow", index: { ...LARGE, correlation: 0.99 } },
  { what: "a backlog was read partition by partition", index: { ...LARGE, correlation: 0.89 } },
  { what: "ids fall", index: { ...LARGE, correlation: -0.99 } },
])("idIndexWarning() is null when $what", ({ index }) => {
  expect(idIndexWarning({ correlation: 0, ...index })).toBeNull();
});
