/**
 * Reads the configuration of a program from its environment variables, and reports
 * all that is wrong with them. Nothing else reads the environment. This is an edge
 * of the package: the others are pure.
 */
import type { Env } from "../process/command.ts";
import { PipelineError } from "../error.ts";
import type { Option } from "./option.ts";
import { brokenRelations } from "./option_relations.ts";
import { findSecret } from "./secret.ts";
import { OPTIONS, SERVICE_SECTIONS } from "./sections.ts";
import type { AllSections, Config, Service } from "./sections.ts";

/**
 * Reads the options of one program. An empty variable counts as not set.
 *
 * @throws {PipelineError} `config_invalid`, not retryable: the message lists *all* problems, one
 * per line; values of secret options are left out.
 */
export function loadConfig<S extends Service>(env: Env, service: S): Config<S> {
  const problems: string[] = [];
  const config: Record<string, Record<string, unknown>> = {};
  for (const section of SERVICE_SECTIONS[service]) {
    const values: Record<string, unknown> = {};
    for (const [name, option] of Object.entries<Option<unknown>>(OPTIONS[section])) {
      values[name] = readOption(env, option, problems);
    }
    config[section] = Object.freeze(values);
  }
  // Rules between options make sense only when each option is right by itself.
  if (problems.length === 0) problems.push(...brokenRelations(config as Partial<AllSections>));
  if (problems.length > 0) {
    throw new PipelineError(
      "config_invalid",
      `Cannot use the configuration:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
  }
  return Object.freeze(config) as Config<S>;
}

/** The host to connect to, in a URL, for a host that a server listens on. */
export function connectHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

function readOption(env: Env, option: Option<unknown>, problems: string[]): unknown {
  if (option.readAll !== undefined) {
    const found = option.readAll(env);
    problems.push(...found.problems);
    return found.value;
  }
  if (option.secret) return readSecret(env, option, problems);
  // The AWS SDK reads AWS_REGION only, the demo's users set AWS_DEFAULT_REGION: both work.
  const names = option.env === "AWS_DEFAULT_REGION" ? ["AWS_REGION", option.env] : [option.env];
  const name = names.find((candidate) => (env[candidate] ?? "") !== "") ?? option.env;
  const written = env[name] || option.default;
  if (written === null) return null;
  const outcome = option.parse(written);
  if (outcome.kind === "value") return outcome.value;
  problems.push(`${name} ${outcome.problem} (it is "${written.slice(0, 80)}")`);
  return null;
}

/** Of a secret no problem shows the value. */
function readSecret(env: Env, option: Option<unknown>, problems: string[]): unknown {
  const found = findSecret(env, option.env);
  if (found.kind === "problem") {
    problems.push(found.problem);
    return null;
  }
  const { variable, text } = found.value;
  const written = text ?? option.default;
  if (written === null) return null;
  const outcome = option.parse(written);
  if (outcome.kind === "value") return outcome.value;
  problems.push(`${variable} ${outcome.problem}`);
  return null;
}
