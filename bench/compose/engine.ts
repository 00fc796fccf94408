/** Calls of Docker Compose for one project. */
import { runCommand, type Env } from "@tally/shared";
import { join } from "node:path";

/** One project of Compose. */
export interface ComposeProject {
  /** Runs `docker compose ...`; gives what it printed. */
  compose(words: readonly string[]): Promise<string>;
  /** Runs `docker ...`; gives what it printed. */
  docker(words: readonly string[]): Promise<string>;
}

const ROOT = join(import.meta.dir, "..", "..");
/** The first build compiles the Kafka client and downloads what it needs. // chosen */
const CALL_MS_MAX = 900_000;

/** Lines of a failed call that its error shows. */
const LINES_SHOWN_MAX = 40; // chosen

/** Nothing runs yet. */
export function composeProject(name: string, env: Env): ComposeProject {
  const run = async (command: readonly string[]): Promise<string> => {
    const outcome = await runCommand(command, { env, cwd: ROOT, msMax: CALL_MS_MAX });
    if (outcome.exitCode === 0) return outcome.text.trim();
    const end = outcome.output.split("\n").slice(-LINES_SHOWN_MAX).join("\n");
    throw new Error(`Cannot run "${command.join(" ")}": exit code ${outcome.exitCode}\n${end}`);
  };
  return {
    compose: (words) => run(["docker", "compose", "--project-name", name, ...words]),
    docker: (words) => run(["docker", ...words]),
  };
}
