/** What `bun run dead-letters` prints. Pure. */
import type { DeadLetterCode } from "../../http/queries/dead_letter_codes.ts";
import type {
  Bytes,
  DeadLetterDetail,
  DeadLetterSummary,
  Resend,
} from "../../http/queries/dead_letters.ts";

/** The dead letters of each code. */
export function codesTable(codes: readonly DeadLetterCode[]): string {
  return table([
    ["CODE", "ALL", "LEFT", "FIRST SEEN", "LAST SEEN"],
    ...codes.map(({ code, count, unresolved, firstSeen, lastSeen }) => [
      code,
      count.toLocaleString("en"),
      unresolved.toLocaleString("en"),
      firstSeen,
      lastSeen,
    ]),
  ]);
}

/** A line for each. */
export function lettersTable(letters: readonly DeadLetterSummary[]): string {
  return table([
    ["ID", "STATE", "CODE", "PARTITION", "OFFSET", "FIRST SEEN", "EVENT ID"],
    ...letters.map((letter) => [
      letter.id,
      letter.state,
      letter.code,
      String(letter.partition),
      letter.offset,
      letter.firstSeen,
      letter.eventId ?? "-",
    ]),
  ]);
}

/** All that is known of one. */
export function letterText(letter: DeadLetterDetail): string {
  const where = letter.pointer === "" ? "" : ` at ${plain(letter.pointer)}`;
  const lines: [name: string, value: string][] = [
    ["Dead letter", letter.id],
    ["State", stateOf(letter)],
    ["Reason", `${letter.message}${where} (${letter.code})`],
    ["Log", `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ["Event id", letter.eventId ?? "none that could be read"],
    ["First seen", letter.firstSeen],
    ["On the DLQ", letter.publishedAt ?? "not yet"],
    ...resendLines(letter),
  ];
  if (letter.clearedAt !== null) lines.push(["Bytes", `cleared ${letter.clearedAt}`]);
  else {
    lines.push(["Key", bytesText(letter.key)]);
    for (const { key, value } of letter.headers) {
      lines.push(["Header", `${plain(key)}: ${bytesText(value)}`]);
    }
    lines.push(["Value", bytesText(letter.value)]);
  }
  return lines.map(([name, value]) => `${name.padEnd(12)} ${value}\n`).join("");
}

function stateOf({ state, resolvedAt, supersededBy }: DeadLetterDetail): string {
  if (state === "superseded") return `superseded by dead letter ${supersededBy}, ${resolvedAt}`;
  return state === "resolved" ? `resolved ${resolvedAt}: its event is a row` : state;
}

const OUTCOMES: Readonly<Record<Resend["outcome"], string>> = {
  waiting: "not read yet",
  stored: "its event is a row",
  dead: "a dead letter again",
  lost: "lost from the log before it was read",
};

function resendLines({ resends, resendsTotal }: DeadLetterDetail): [string, string][] {
  const lines = resends.map(({ resentAt, partition, offset, outcome, deadLetterId }) => {
    const next = deadLetterId === null ? "" : ` (${deadLetterId})`;
    const what = `${OUTCOMES[outcome]}${next}`;
    return ["Resent", `${resentAt} to partition ${partition}, offset ${offset}: ${what}`] as [
      string,
      string,
    ];
  });
  const older = resendsTotal - resends.length;
  return older === 0 ? lines : [...lines, ["Resent", `${older} times before`]];
}

/** Text as it is, less what a terminal would obey; other bytes in Base64. */
function bytesText(bytes: Bytes | null): string {
  if (bytes === null) return "none";
  return bytes.text === null ? `base64 ${bytes.base64}` : plain(bytes.text);
}

/** Control characters and invisible ones as escapes: what is shown was sent by anybody. */
export function plain(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

/** Columns as wide as what is in them. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}
