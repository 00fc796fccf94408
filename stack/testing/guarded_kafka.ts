/**
 * A Kafka as others guard it: client certificates, passwords, rights, a listener that
 * advertises an address that does not exist, and topics that are made when they are named.
 */
import { runCommand } from "@tally/shared";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KafkaConnection } from "@tally/shared/kafka";

import { freePort, LOOPBACK, ownStack } from "./mod.ts";

export interface GuardedKafka {
  /** No guard: this user may do everything. */
  readonly plain: string;
  /** Asks for a client certificate. */
  readonly tls: string;
  /** Asks for a password. */
  readonly login: string;
  /** Asks for a password, over TLS. */
  readonly tlsLogin: string;
  /** Sends every client to `nowhere.invalid`. */
  readonly elsewhere: string;
  /** The authority, and a client's certificate and key, as files. */
  readonly files: { readonly ca: string; readonly certificate: string; readonly key: string };
  /** A connection by password; `limited` has no rights, its password is `right`. */
  asUser(user: "limited" | "tally", password?: string): KafkaConnection;
  end(): Promise<void>;
}

/** Starts it. */
export async function startGuardedKafka(): Promise<GuardedKafka> {
  const folder = await mkdtemp(join(tmpdir(), "tally-guarded-"));
  const files = await makeCertificates(folder);
  const [tlsPort, loginPort] = [await freePort(), await freePort()];
  const [tlsLoginPort, elsewherePort] = [await freePort(), await freePort()];
  const stack = await ownStack({
    use: ["kafka"],
    kafka: {
      listeners: {
        SECURE: { port: tlsPort },
        LOGIN: { port: loginPort },
        SECURELOGIN: { port: tlsLoginPort },
        ELSEWHERE: { port: elsewherePort, advertised: "nowhere.invalid:9092" },
      },
      properties: properties(files),
    },
  });
  const login = `${LOOPBACK}:${loginPort}`;
  return {
    plain: stack.kafka.bootstrapServers,
    tls: `${LOOPBACK}:${tlsPort}`,
    login,
    tlsLogin: `${LOOPBACK}:${tlsLoginPort}`,
    elsewhere: `${LOOPBACK}:${elsewherePort}`,
    files,
    asUser: (saslUsername, saslPassword = "right") => ({
      bootstrapServers: login,
      securityProtocol: "sasl_plaintext",
      saslMechanism: "PLAIN",
      saslUsername,
      saslPassword,
    }),
    async end() {
      await stack.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Files {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly serverStore: string;
}

function properties({ ca, serverStore }: Files): Record<string, string> {
  const module = "org.apache.kafka.common.security.plain.PlainLoginModule";
  const certificateOf = (listener: string) => ({
    [`listener.name.${listener}.ssl.keystore.type`]: "PEM",
    [`listener.name.${listener}.ssl.keystore.location`]: serverStore,
  });
  const loginOf = (listener: string) => ({
    [`listener.name.${listener}.sasl.enabled.mechanisms`]: "PLAIN",
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${module} required user_tally="right" user_limited="right";`,
  });
  return {
    "listener.security.protocol.map":
      "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SSL,LOGIN:SASL_PLAINTEXT," +
      "SECURELOGIN:SASL_SSL,ELSEWHERE:PLAINTEXT",
    ...certificateOf("secure"),
    ...certificateOf("securelogin"),
    ...loginOf("login"),
    ...loginOf("securelogin"),
    "listener.name.secure.ssl.truststore.type": "PEM",
    "listener.name.secure.ssl.truststore.location": ca,
    "listener.name.secure.ssl.client.auth": "required",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS;User:CN=tally;User:tally",
    "auto.create.topics.enable": "true",
  };
}

/** An authority, a server certificate for 127.0.0.1 and a client certificate. */
async function makeCertificates(folder: string): Promise<Files> {
  const path = (name: string) => join(folder, name);
  const openssl = async (words: readonly string[]): Promise<void> => {
    const { exitCode, output } = await runCommand(["openssl", ...words], { env: Bun.env });
    if (exitCode !== 0) throw new Error(`openssl ${words[0]} failed: ${output}`);
  };
  const make = (name: string, subject: string, more: readonly string[]): Promise<void> =>
    openssl([
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      subject,
      "-keyout",
      path(`${name}.key`),
      "-out",
      path(`${name}.pem`),
      ...more,
    ]);
  await make("ca", "/CN=Test authority", []);
  const leaf = ["-addext", "basicConstraints=critical,CA:FALSE", "-CA", path("ca.pem")];
  leaf.push("-CAkey", path("ca.key"));
  await make("server", "/CN=kafka", ["-addext", "subjectAltName=IP:127.0.0.1", ...leaf]);
  await make("client", "/CN=tally", leaf);
  const [serverKey, server] = [path("server.key"), path("server.pem")];
  const store = `${await Bun.file(serverKey).text()}${await Bun.file(server).text()}`;
  await writeFile(path("server.store.pem"), store);
  return {
    ca: path("ca.pem"),
    certificate: path("client.pem"),
    key: path("client.key"),
    serverStore: path("server.store.pem"),
  };
}
