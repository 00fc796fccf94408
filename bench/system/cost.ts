/** The CPU and memory of a process, as the kernel counts them. */

/** CPU of all threads since the start of the process, and memory. */
export interface Cost {
  readonly cpuUs: number;
  /** Resident set now. */
  readonly residentBytes: number;
  /** Largest resident set so far. */
  readonly residentBytesMax: number;
}

/** The unit in which memory is shown. */
export const MEGABYTE = 1_000_000;

// The kernel counts in ticks of 1/100 s on every Linux that Bun runs on.
const TICK_US = 10_000;

/** Reads the cost of a running process. */
export async function readCost(pid: number | undefined): Promise<Cost> {
  const [stat, status] = await Promise.all([
    Bun.file(`/proc/${pid}/stat`).text(),
    Bun.file(`/proc/${pid}/status`).text(),
  ]);
  return parseCost(stat, status);
}

/** Parses the texts of the two files. */
export function parseCost(stat: string, status: string): Cost {
  // The name is in brackets and may contain anything; user and system time are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const kilobytes = (name: string) =>
    Number(new RegExp(String.raw`^${name}:\s+(\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return {
    cpuUs: (Number(fields[11]) + Number(fields[12])) * TICK_US,
    residentBytes: kilobytes("VmRSS") * 1024,
    residentBytesMax: kilobytes("VmHWM") * 1024,
  };
}
