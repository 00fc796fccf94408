import { expect, test } from "bun:test";
import { createServer, type Server } from "node:net";

import { checkPorts, freePort, isPortFree, LOOPBACK } from "./ports.ts";

test("isPortFree() is false while a server listens and true afterwards", async () => {
  const port = await freePort();
  const server = await listen(port);

  const during = await isPortFree(port);
  await close(server);

  expect(during).toBe(false);
  expect(await isPortFree(port)).toBe(true);
});

test("freePort() gives another port when the first choice is taken", async () => {
  const taken = await freePort();
  const server = await listen(taken);
  const choices = [(taken % 100) / 100, 0.5];

  const port = await freePort(() => choices.shift() ?? Math.random());
  await close(server);

  expect(port).not.toBe(taken);
});

test("freePort() gives calls at the same time different ports", async () => {
  const ports = await Promise.all(Array.from({ length: 60 }, () => freePort()));

  expect(new Set(ports).size).toBe(60);
});

test("checkPorts() names every taken port and the option that moves it", async () => {
  const [kafka, s3] = [await freePort(), await freePort()];
  const servers = [await listen(kafka), await listen(s3)];

  const checked = checkPorts([
    { name: "Kafka", port: kafka, option: "STACK_KAFKA_PORT" },
    { name: "PostgreSQL", port: await freePort(), option: "STACK_POSTGRES_PORT" },
    { name: "S3", port: s3, option: "STACK_S3_PORT" },
  ]);
  const error: unknown = await checked.catch((reason: unknown) => reason);
  await Promise.all(servers.map(close));

  expect(error).toMatchObject({ code: "port_taken" });
  const { message } = error as Error;
  expect(message).toContain(`port ${kafka} (Kafka) is taken`);
  expect(message).toContain("STACK_KAFKA_PORT");
  expect(message).toContain("STACK_S3_PORT");
  expect(message).not.toContain("STACK_POSTGRES_PORT");
});

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host: LOOPBACK, port }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
