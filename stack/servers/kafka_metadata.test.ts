import { expect, test } from "bun:test";

import { answersMetadata, brokerCount } from "./kafka_metadata.ts";
import { freePort, LOOPBACK } from "../machine/ports.ts";

test("brokerCount() waits for the whole number", () => {
  expect(brokerCount(Buffer.alloc(11))).toBeNull();
  expect(brokerCount(Buffer.from([0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 3]))).toBe(3);
});

test("answersMetadata() is false when no server listens", async () => {
  expect(await answersMetadata({ host: LOOPBACK, port: await freePort() })).toBe(false);
});

test("answersMetadata() is false for a broker that knows no broker yet, true for one that does", async () => {
  const answers = [0, 1];
  const server = Bun.listen({
    hostname: LOOPBACK,
    port: 0,
    socket: {
      data: (socket) => {
        socket.write(Buffer.from([0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, answers.shift() ?? 0]));
      },
    },
  });
  const address = { host: LOOPBACK, port: server.port };

  const first = await answersMetadata(address);
  const second = await answersMetadata(address);
  server.stop(true);

  expect([first, second]).toEqual([false, true]);
});
