/**
 * A wall clock of a service that a test sets, by libfaketime. The library stands between the
 * process and the system's clock; the monotonic clock stays as it is.
 */
import { Glob } from "bun";

/** The wall clock of one service. */
export interface FakedClock {
  /** What the service must inherit. */
  readonly env: Readonly<Record<string, string>>;
  /** Sets it to the true time plus this many seconds. Takes effect within a second. */
  set(seconds: number): Promise<void>;
}

/** Where Debian and others install it, below /usr. */
const FOLDERS = ["lib/*/faketime", "lib/faketime", "lib64/faketime"];

/** The library of this machine, or null when it is not installed. */
export async function findClockLibrary(): Promise<string | null> {
  for (const folder of FOLDERS) {
    const files = new Glob(`${folder}/libfaketimeMT.so.1`).scan({ cwd: "/usr", absolute: true });
    for await (const file of files) return file;
  }
  return null;
}

/** Makes the clock; it shows the true time. @param file Where its setting is kept. */
export async function createFakedClock(library: string, file: string): Promise<FakedClock> {
  const set = async (seconds: number): Promise<void> => {
    await Bun.write(file, `${seconds < 0 ? "-" : "+"}${Math.abs(seconds)}\n`);
  };
  await set(0);
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      // The library reads the file again after this many seconds.
      FAKETIME_CACHE_DURATION: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}
