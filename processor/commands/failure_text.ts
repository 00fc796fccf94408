/** What a command prints when it could not do its work: why, the remedy, or where to look. Pure. */
import type { ErrorCode, PipelineError } from "@tally/shared";

/** The codes of a service that gives no answer. */
const DOWN: readonly ErrorCode[] = [
  "broker_unavailable",
  "database_unavailable",
  "archive_unavailable",
];

export function failureText({
  code,
  message,
  remedy,
}: Pick<PipelineError, "code" | "message" | "remedy">): string {
  const lines = [
    message,
    ...(remedy === null ? [] : [remedy]),
    ...(DOWN.includes(code) ? ['Is it running? "bun run up" starts everything.'] : []),
  ];
  return `${lines.join("\n")}\n`;
}
