/** An S3 server as one JVM: S3Proxy over a folder, one key pair, one bucket. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { prepareJvm } from "./class_data.ts";
import { fetchJars, type Program } from "./jars.ts";
import { findJava } from "./java.ts";
import type { PartOptions } from "./kafka.ts";
import { LOOPBACK } from "../machine/ports.ts";
import { createServerProcess, type Server } from "../machine/server_process.ts";

/** How to reach an S3 server; no secret, as it listens on this machine only. */
export interface S3Connection {
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** An S3 server that runs here. */
export interface S3Server extends Server, S3Connection {}

/** What is fetched. */
export const S3PROXY: Program = {
  name: "s3proxy",
  version: "4.1.0",
  artifacts: [
    {
      groupId: "org.gaul",
      artifactId: "s3proxy",
      version: "4.1.0",
      classifier: "jar-with-dependencies",
      alone: true,
    },
  ],
};

/** Makes the handle; nothing runs before `start()`. */
export function createS3(options: PartOptions & { bucket: string }): S3Server {
  const home = join(options.folder, "s3");
  const marker = `-Dtally.s3=${home}`;
  const connection: S3Connection = {
    endpoint: `http://${LOOPBACK}:${options.port}`,
    bucket: options.bucket,
    accessKeyId: "local-identity",
    secretAccessKey: "local-credential",
    region: "us-east-1",
  };
  const server = createServerProcess(
    {
      name: "S3",
      logPath: join(options.folder, "logs", "s3.log"),
      stopSignal: "SIGTERM",
      stopMsMax: 5_000,
      readyMsMax: 60_000,
      isOurs: (argv) => argv.includes(marker),
      prepare: async () => {
        const java = await findJava(options.env);
        const jars = await fetchJars(S3PROXY, options);
        // A bucket is a folder here: made before the start, it is there from the first answer on.
        await mkdir(join(home, "buckets", connection.bucket), { recursive: true });
        const properties = join(home, "s3proxy.properties");
        await writeFile(properties, propertiesOf(connection, join(home, "buckets")));
        const jar = join(jars, "s3proxy-4.1.0-jar-with-dependencies.jar");
        const args = [...JVM_FLAGS, marker, "-jar", jar, "--properties", properties];
        return prepareJvm({ java, jars, home, args, env: options.env });
      },
      isReady: () => refusesStrangers(connection.endpoint),
      ...(options.signal ? { signal: options.signal } : {}),
    },
    options.onEnded,
  );
  return Object.defineProperties(
    server,
    Object.fromEntries(
      Object.entries(connection).map(([key, value]) => [key, { value, enumerable: true }]),
    ),
  ) as S3Server;
}

const JVM_FLAGS = ["-Xmx256m", "-XX:+UseSerialGC", "-Djava.awt.headless=true", "-DLOG_LEVEL=warn"];

/** Longest wait for one answer (ms). */
const ANSWER_MS_MAX = 1_000;

/** An anonymous request is refused with 403 as soon as the server works. */
async function refusesStrangers(endpoint: string): Promise<boolean> {
  const answer = await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).catch(
    () => null,
  );
  return answer?.status === 403;
}

function propertiesOf(connection: S3Connection, buckets: string): string {
  const rows = {
    "s3proxy.endpoint": connection.endpoint,
    "s3proxy.authorization": "aws-v2-or-v4",
    "s3proxy.identity": connection.accessKeyId,
    "s3proxy.credential": connection.secretAccessKey,
    "jclouds.provider": "filesystem-nio2",
    "jclouds.identity": connection.accessKeyId,
    "jclouds.credential": connection.secretAccessKey,
    "jclouds.filesystem.basedir": buckets,
  };
  return Object.entries(rows)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
