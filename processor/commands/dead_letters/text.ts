/** The tables and texts that `bun run dead-letters` prints. Pure. */
import { tableText } from "@tally/shared/terminal/table";
import {
  COUNTED_MAX,
  type Bytes,
  type DeadLetterCode,
  type DeadLetterDetail,
  type DeadLetterSummary,
  type Resend,
} from "@tally/shared/dead_letters";

/** The dead letters of each code. */
export function codesTable(codes: readonly DeadLetterCode[]): string {
  return tableText([
    ["CODE", "OPEN", "ON THEIR WAY", "RESOLVED OR REPLACED", "FIRST SEEN", "LAST SEEN"],
    ...codes.map(({ code, count, unresolved, onTheirWay = 0, firstSeen, lastSeen }) => [
      code,
      `${formatCount(Math.max(0, unresolved - onTheirWay))}${orMore(unresolved)}`,
      formatCount(onTheirWay),
      unresolved >= COUNTED_MAX ? "not counted" : formatCount(Math.max(0, count - unresolved)),
      firstSeen,
      lastSeen,
    ]),
  ]);
}

function orMore(unresolved: number): string {
  return unresolved >= COUNTED_MAX ? " or more" : "";
}

function formatCount(count: number): string {
  return count.toLocaleString("en");
}

/** One line per dead letter. */
export function lettersTable(letters: readonly DeadLetterSummary[]): string {
  return tableText([
    ["ID", "STATE", "CODE", "PARTITION", "OFFSET", "FIRST SEEN", "EVENT ID"],
    ...letters.map((letter) => [
      letter.id,
      letter.state === "superseded" ? "replaced" : letter.state,
      letter.code,
      String(letter.partition),
      letter.offset,
      letter.firstSeen,
      letter.eventId ?? "-",
    ]),
  ]);
}

/** Everything about one dead letter. */
export function letterText(letter: DeadLetterDetail): string {
  const where = letter.pointer === "" ? "" : ` at ${plain(letter.pointer)}`;
  const lines: [name: string, value: string][] = [
    ["Dead letter", letter.id],
    ["State", stateOf(letter)],
    ["Reason", `${letter.message}${where} (${letter.code})`],
    ["Log", `${letter.topic}, partition ${letter.partition}, offset ${letter.offset}`],
    ["Event id", letter.eventId ?? "could not be read"],
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
  return tableText(lines);
}

function stateOf({ state, resolvedAt, supersededBy }: DeadLetterDetail): string {
  if (state === "superseded") return `replaced by dead letter ${supersededBy}, ${resolvedAt}`;
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

/** Text with its control characters escaped; other bytes in Base64. */
function bytesText(bytes: Bytes | null): string {
  if (bytes === null) return "none";
  return bytes.text === null ? `base64 ${bytes.base64}` : plain(bytes.text);
}

/** Escapes control and invisible characters: a terminal must not obey what a stranger sent. */
export function plain(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
