import { describe, expect, test } from "bun:test";
import { namesStore, withLocalServices } from "./local_services.ts";

describe("withLocalServices()", () => {
  test("withLocalServices() gives the services of up, on the ports of the environment", () => {
    const env = { STACK_KAFKA_PORT: "1001", STACK_POSTGRES_PORT: "1002", STACK_S3_PORT: "1003" };

    expect(withLocalServices(env)).toEqual({
      ...env,
      KAFKA_BOOTSTRAP_SERVERS: "127.0.0.1:1001",
      DATABASE_URL: "postgres://postgres:postgres@127.0.0.1:1002/eventsdb",
      S3_ENDPOINT: "http://127.0.0.1:1003",
    });
  });

  test("withLocalServices() leaves what the environment names, AWS without an endpoint too", () => {
    const env = {
      KAFKA_BOOTSTRAP_SERVERS: "kafka:1",
      DATABASE_URL: "postgres://a:b@db:2/c",
      S3_BUCKET_NAME: "ours",
    };

    expect(withLocalServices(env)).toEqual(env);
    expect([namesStore(env), namesStore({ S3_BUCKET_NAME: "" })]).toEqual([true, false]);
  });
});
