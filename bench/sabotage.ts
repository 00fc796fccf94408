/**
 * `bun run sabotage`: breaks copies of the code on purpose and demands that
 * verify notices each. Entry point: reads the environment, prints and exits.
 */
import { SABOTAGES, tryOut } from "./verify/sabotage.ts";

const HELP = `Breaks a copy of the code on purpose, and demands that "bun run verify" notices.

  bun run sabotage [NAME ...]

${SABOTAGES.map(({ name, title, fault }) => `  ${name.padEnd(24)} ${title} (${fault})`).join("\n")}

Exit code: 0 each was noticed, 1 one was not, 2 wrong arguments.`;

if (import.meta.main) process.exit(await main(Bun.argv.slice(2)));

async function main(words: readonly string[]): Promise<0 | 1 | 2> {
  if (words.includes("--help") || words.includes("-h")) {
    console.log(HELP);
    return 0;
  }
  const unknown = words.filter((word) => !SABOTAGES.some(({ name }) => name === word));
  if (unknown.length > 0) {
    console.error(`There is no "${unknown.join('", "')}". See "bun run sabotage --help".`);
    return 2;
  }
  const chosen = SABOTAGES.filter(({ name }) => words.length === 0 || words.includes(name));
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
