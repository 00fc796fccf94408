/** Finds the Java and the Maven that Kafka and the S3 server need. */
import { runCommand, type Env } from "@tally/shared";
import { join } from "node:path";

import { StackError } from "../machine/error.ts";

/** Kafka 4 runs on Java 17 or later. */
const JAVA_VERSION_MIN = 17;

/** A Java that is new enough. */
export interface Java {
  readonly path: string;
  /** Differs between any two builds of Java. */
  readonly fingerprint: string;
}

/** Finds a Java that is new enough. @throws {StackError} `java_missing`, `java_too_old`. */
export async function findJava(env: Env): Promise<Java> {
  const atHome = env["JAVA_HOME"] ? Bun.which(join(env["JAVA_HOME"], "bin", "java")) : null;
  const java = atHome ?? Bun.which("java", { PATH: env["PATH"] ?? "" });
  if (java === null) {
    throw new StackError(
      "java_missing",
      `Java is missing: install a Java runtime of version ${JAVA_VERSION_MIN} or later ` +
        "(Debian, Ubuntu: apt install openjdk-17-jre-headless; macOS: brew install openjdk), " +
        "or set JAVA_HOME to one",
    );
  }
  const { output } = await runCommand([java, "-version"], { env });
  const version = parseJavaVersion(output);
  if (version === null || version < JAVA_VERSION_MIN) {
    throw new StackError(
      "java_too_old",
      `${java} is Java ${version ?? "of an unknown version"}, Kafka needs ${JAVA_VERSION_MIN} ` +
        "or later: install a newer one and set JAVA_HOME to it",
    );
  }
  return { path: java, fingerprint: Bun.hash(output).toString(16) };
}

/** Path of Maven. @throws {StackError} `maven_missing`. */
export function findMaven(env: Env): string {
  const maven = Bun.which("mvn", { PATH: env["PATH"] ?? "" });
  if (maven !== null) return maven;
  throw new StackError(
    "maven_missing",
    "Maven is missing, it is needed once to download Kafka and the S3 server: install it " +
      "(Debian, Ubuntu: apt install maven; macOS: brew install maven)",
  );
}

/** Main version in the output of `java -version`: 17 of `17.0.15`, 8 of `1.8.0_292`. */
export function parseJavaVersion(text: string): number | null {
  const match = /version "(?:1\.)?(\d+)/.exec(text);
  return match ? Number(match[1]) : null;
}
