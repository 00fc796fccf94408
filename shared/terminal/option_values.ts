/** Options that several commands take: each checks its value and says what is allowed. Pure. */
import { InvalidArgumentError, Option } from "@commander-js/extra-typings";

/** The whole numbers that an option accepts. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** A whole number; its help ends in the range. */
export function wholeNumber<const Flags extends string>(
  flags: Flags,
  help: string,
  { min, max }: NumberRange,
) {
  const range = `from ${min} to ${max}`;
  return new Option(flags, `${help}; ${range}`).argParser((text): number => {
    const number = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= min && number <= max) return number;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  });
}

/** The address of a service; a path is left out. @param port The service's default port. */
export function serviceUrl<const Flags extends string>(flags: Flags, help: string, port: number) {
  return new Option(flags, help).argParser((text): string => {
    const url = URL.parse(text);
    if (url !== null && /^https?:$/.test(url.protocol)) return url.origin;
    throw new InvalidArgumentError(`It must be like http://127.0.0.1:${port}.`);
  });
}

/** A file to write. */
export function fileName<const Flags extends string>(flags: Flags, help: string) {
  return new Option(flags, help).argParser((text): string => {
    if (text !== "") return text;
    throw new InvalidArgumentError("It must name a file.");
  });
}

/** A value that `read` understands. @param allowed A sentence about what is allowed. */
export function parsedValue<const Flags extends string, T>(
  flags: Flags,
  help: string,
  { read, allowed }: { readonly read: (text: string) => T | null; readonly allowed: string },
) {
  return new Option(flags, help).argParser((text): T => {
    const value = read(text);
    if (value !== null) return value;
    throw new InvalidArgumentError(allowed);
  });
}

/**
 * A list of values that `read` understands; each text may hold several. The option may be repeated.
 *
 * @param allowed A sentence about what is allowed.
 */
export function listOf<const Flags extends string, T>(
  flags: Flags,
  help: string,
  { read, allowed }: { readonly read: (text: string) => T[] | null; readonly allowed: string },
) {
  return new Option(flags, help).argParser((text, before: T[] | undefined): T[] => {
    const values = read(text);
    if (values !== null) return [...(before ?? []), ...values];
    throw new InvalidArgumentError(allowed);
  });
}

/** One of some words; the help and the answer to wrong use list them. */
export function oneOf<const Flags extends string, const Words extends readonly string[]>(
  flags: Flags,
  help: string,
  words: Words,
) {
  return new Option(flags, help).choices(words);
}
