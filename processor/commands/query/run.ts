/** The flow of `bun run query`: from the words of the command line to the exit code. */
import { runCommandLine, type ExitCode, type Output } from "@tally/shared/terminal/command_line";
import type { QueryAnswer } from "../../queries/answer.ts";
import { csvText } from "../../queries/csv.ts";
import { createAsk, RequestFailed } from "../client.ts";
import { parseQueryArguments, type QueryRequest } from "./arguments.ts";
import { answerText, type AskedColumns } from "./text.ts";

/** What the command needs of its terminal. */
export interface Terminal extends Output {
  /** Address of the processor by the configuration. @throws {PipelineError} `config_invalid`. */
  readonly processorUrl: () => string;
  /** `TALLY_KEY`, or null when it is not set. @throws {PipelineError} `config_invalid`. */
  readonly key: () => string | null;
  readonly readFile: (path: string) => Promise<string>;
}

/** Asks one question. */
export async function runQuery(words: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const line = parseQueryArguments(words);
  return await runCommandLine(line, (request) => runRequest(request, terminal), terminal);
}

async function runRequest(request: QueryRequest, terminal: Terminal): Promise<ExitCode> {
  const { question, url } = request;
  try {
    const body = question.kind === "body" ? question.body : await readBody(question.path, terminal);
    if (body === null) {
      terminal.complain("The file of --file can't be read, or does not hold a JSON object.\n");
      return 2;
    }
    const ask = createAsk(url ?? terminal.processorUrl(), terminal.key());
    const answer = await ask<QueryAnswer>("POST", "/api/v2/query", body);
    terminal.print(printed(answer, request));
    return 0;
  } catch (error) {
    const hint = '\nIs it running? "bun run up" starts everything; --url names another processor.';
    const isAnswered = !(error instanceof RequestFailed) || error.isAnswered;
    terminal.complain(`${(error as Error).message}${isAnswered ? "" : hint}\n`);
    return isAnswered ? 1 : 2;
  }
}

async function readBody(path: string, { readFile }: Terminal): Promise<object | null> {
  try {
    const body: unknown = JSON.parse(await readFile(path));
    return typeof body === "object" ? body : null;
  } catch {
    return null;
  }
}

function printed(answer: QueryAnswer, { form }: QueryRequest): string {
  if (form === "json") return `${JSON.stringify(answer, null, 2)}\n`;
  if (form === "table") return answerText(answer);
  const { metrics, dimensions } = answer.query as AskedColumns;
  const rows = answer.results.map((row) => [...row.dimensions, ...row.metrics]);
  return csvText([[...dimensions, ...metrics], ...rows]);
}
