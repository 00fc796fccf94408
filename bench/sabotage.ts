/**
 * `bun run sabotage`: breaks copies of the code on purpose and demands that
 * verify notices each. Entry point: reads the environment, prints and exits.
 */
import {
  readCommandLine,
  runCommandLine,
  type CommandInfo,
  type ExitCode,
} from "@tally/shared/terminal/command_line";

import { SABOTAGES, tryOut, type Sabotage } from "./verify/sabotage.ts";

const INFO: CommandInfo = {
  name: "bun run sabotage",
  summary: 'Breaks a copy of the code on purpose, and demands that "bun run verify" notices.',
  lists: [
    {
      title: "Sabotages, with the fault that must notice",
      rows: SABOTAGES.map(({ name, title, fault }) => [name, `${title} (${fault})`]),
    },
  ],
  examples: [
    ["bun run sabotage", "try every sabotage, one after the other"],
    ["bun run sabotage fence_ignored", "try one"],
  ],
  exitCodes: {
    0: "verify noticed each",
    1: "verify did not notice one",
    2: "wrong use",
  },
};

if (import.meta.main) {
  const line = readCommandLine<readonly Sabotage[]>(Bun.argv.slice(2), INFO, (bare, { run }) => {
    bare.argument("[name...]", "sabotages to try (default: all)").action((names, _, command) => {
      const unknown = names.filter((word) => !SABOTAGES.some(({ name }) => name === word));
      if (unknown.length > 0) {
        const allowed = `Sabotages are ${SABOTAGES.map(({ name }) => name).join(", ")}.`;
        command.error(`error: there is no sabotage "${unknown.join('", "')}". ${allowed}`);
      }
      run(SABOTAGES.filter(({ name }) => names.length === 0 || names.includes(name)));
    });
  });
  process.exit(await runCommandLine(line, sabotageAll));
}

async function sabotageAll(chosen: readonly Sabotage[]): Promise<ExitCode> {
  let survivors = 0;
  for (const sabotage of chosen) {
    console.log(`${sabotage.name}: ${sabotage.title}; ${sabotage.fault} must notice`);
    const { finding, exitCode, text } = await tryOut(sabotage, Bun.env);
    if (finding !== null) console.log(`  noticed: ${finding}`);
    else console.log(`  NOT NOTICED (exit code ${exitCode})\n${text}`);
    if (finding === null) survivors += 1;
  }
  console.log(`${chosen.length - survivors} of ${chosen.length} noticed`);
  return survivors === 0 ? 0 : 1;
}
