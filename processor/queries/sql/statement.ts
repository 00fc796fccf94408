/** Statements under construction: fixed text, and parameters for whatever a user sent. Pure. */

/** A statement for the server. */
export interface Statement {
  readonly text: string;
  readonly parameters: readonly string[];
}

/** Runs a statement in the snapshot of the query. */
export type Read = <Row>(statement: Statement) => Promise<readonly Row[]>;

/** The types that parameters have in the server. */
export type ParameterType = "text" | "text[]" | "jsonb" | "jsonb[]" | "timestamptz[]" | "bigint";

/** Collects the parameters of one statement. Each is sent as the text of its type. */
export class Parameters {
  readonly values: string[] = [];
  readonly #places = new Map<string, string>();

  /** The parameter as it stands in the text of the statement. */
  add(value: string, type: ParameterType): string {
    // The driver would turn a jsonb or a time into text again in its own way.
    const cast = type === "jsonb" ? "text::jsonb" : type;
    const key = `${cast} ${value}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = `$${this.values.push(value)}::${cast}`;
    this.#places.set(key, place);
    return place;
  }

  texts(values: readonly string[]): string {
    return this.add(arrayText(values), "text[]");
  }

  /** Values of JSON, each as its own text. */
  json(values: readonly unknown[]): string {
    return this.add(arrayText(values.map((value) => JSON.stringify(value))), "jsonb[]");
  }

  times(valuesMs: readonly number[]): string {
    return this.add(`{${valuesMs.map(printTime)}}`, "timestamptz[]");
  }

  /** One moment. A parameter of type timestamptz would pass through a Date of the driver. */
  time(ms: number): string {
    return `(${this.times([ms])})[1]`;
  }

  number(value: number): string {
    return this.add(String(value), "bigint");
  }
}

/** The text of an array; each element is quoted, because one may be the word null. */
function arrayText(values: readonly string[]): string {
  return `{${values.map((value) => `"${value.replaceAll(/["\\]/g, "\\$&")}"`)}}`;
}

/** The years that PostgreSQL and a printed time have in common. */
const FIRST_MS = Date.UTC(2000, 0, 1) - 730_119 * 86_400_000;
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

function printTime(ms: number): string {
  return new Date(Math.min(LAST_MS, Math.max(FIRST_MS, ms))).toISOString();
}
