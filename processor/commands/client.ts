/** HTTP requests to a running processor; a refusal becomes an error with its title and code. */
import { parseJson } from "@tally/shared";

/** The processor refused the request, or nothing answers. */
export class RequestFailed extends Error {
  /** Whether there was an answer. */
  readonly isAnswered: boolean;

  constructor(message: string, isAnswered: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = "RequestFailed";
    this.isAnswered = isAnswered;
  }
}

/** Sends one request and returns the document of the answer. @throws {RequestFailed} */
export type Ask = <T>(method: "GET" | "POST", path: string, sent?: object) => Promise<T>;

// A bulk request publishes for up to 10 s and may wait as long for Kafka.
const ANSWER_MS_MAX = 40_000;

/**
 * @param url Address of the processor, without a path.
 * @param key `TALLY_KEY`, or null with keys off.
 */
export function createAsk(url: string, key: string | null): Ask {
  const presented: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return async <T>(method: "GET" | "POST", path: string, sent?: object): Promise<T> => {
    // The processor accepts no POST without a content type.
    const headers = { "content-type": "application/json", ...presented };
    const body = sent === undefined ? {} : { body: JSON.stringify(sent) };
    const response = await request(url, path, { method, headers, ...body });
    const answer = await readJson(response);
    if (response.ok && answer !== null) return answer as T;
    const {
      title = "this is not the answer of a processor",
      code = "",
      detail,
    } = (answer ?? {}) as Problem;
    const shown = code === "" ? `status ${response.status}` : `${code}, status ${response.status}`;
    const missing = code === "key_missing" ? "\nSet TALLY_KEY to a key that may do this." : "";
    const hint = detail === undefined ? missing : `\n${detail}.`;
    throw new RequestFailed(`Cannot ${method} ${path}: ${title} (${shown})${hint}`, true);
  };
}

interface Problem {
  readonly title?: string;
  readonly code?: string;
  readonly detail?: string;
}

async function request(url: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${url}${path}`, {
      ...init,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
  } catch (cause) {
    const isLate = (cause as Error).name === "TimeoutError";
    const why = isLate ? `no answer in ${ANSWER_MS_MAX / 1000} s` : "nothing answers there";
    throw new RequestFailed(`Cannot ask the processor at ${url}: ${why}`, false, cause);
  }
}

/** The JSON object of a response, or null when it has none. */
async function readJson(response: Response): Promise<object | null> {
  const text = await response.text();
  // A text that is not JSON: another program listens there, and the caller shows the status.
  const body = parseJson(text);
  return typeof body === "object" ? body : null;
}
