import { expect, test } from "bun:test";
import { OPEN_ACCESS, type Access, type Holder } from "./access.ts";
import { startWatch } from "./watch.ts";

const HOLDER: Holder = { name: "ops", scopes: new Set(["read"]), session: null };

/** A watch whose looks the test begins, over keys that the test revokes. */
function watching() {
  const asked: string[] = [];
  const revoked = new Set<string>();
  const access: Access = {
    ...OPEN_ACCESS,
    async isStill({ name }) {
      asked.push(name);
      return !revoked.has(name);
    },
  };
  let look = (): void => undefined;
  let isStopped = false;
  const watch = startWatch(access, (_, run) => {
    look = run;
    return () => (isStopped = true);
  });
  const lookOnce = async (): Promise<void> => {
    look();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { watch, revoked, asked, lookOnce, isStopped: () => isStopped };
}

test("begin() ends what a key began when it is revoked, and nothing else", async () => {
  const { watch, revoked, lookOnce } = watching();
  const left = new AbortController().signal;
  const mine = watch.begin(HOLDER, "read", left);
  const other = watch.begin({ ...HOLDER, name: "other" }, "read", left);
  await lookOnce();
  expect(mine?.ended.aborted).toBe(false);

  revoked.add("ops");
  await lookOnce();

  expect([mine?.ended.aborted, other?.ended.aborted]).toEqual([true, false]);
});

test("begin() looks no more at what has ended or left", async () => {
  const { watch, asked, lookOnce, isStopped } = watching();
  const leaving = new AbortController();
  watch.begin(HOLDER, "read", leaving.signal);
  const ended = watch.begin(HOLDER, "read", new AbortController().signal);

  leaving.abort();
  ended?.end();
  await lookOnce();

  expect(asked).toEqual([]);
  watch.stop();
  expect(isStopped()).toBe(true);
});

test("begin() looks at nobody when keys are off", () => {
  expect(watching().watch.begin(null, "read", new AbortController().signal)).toBeNull();
});
