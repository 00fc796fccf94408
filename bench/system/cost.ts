/** The CPU and memory of a service, as the kernel counts them. */

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

/**
 * Reads the cost of a running process and of its children: ingest can be several processes. The
 * largest sizes of each are added, though each may have had its own at another time.
 */
export async function readCost(pid: number | undefined): Promise<Cost> {
  const own = await readOwnCost(pid);
  const children = await childrenOf(pid);
  // One that has just ended costs nothing any more.
  const costs = await Promise.all(children.map((child) => readOwnCost(child).catch(() => null)));
  return costs.reduce<Cost>((sum, cost) => (cost === null ? sum : addCosts(sum, cost)), own);
}

function addCosts(one: Cost, other: Cost): Cost {
  return {
    cpuUs: one.cpuUs + other.cpuUs,
    residentBytes: one.residentBytes + other.residentBytes,
    residentBytesMax: one.residentBytesMax + other.residentBytesMax,
  };
}

async function childrenOf(pid: number | undefined): Promise<string[]> {
  const list = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return list.split(" ").filter((word) => word !== "");
}

async function readOwnCost(pid: number | string | undefined): Promise<Cost> {
  const [stat, status] = await Promise.all([
    Bun.file(`/proc/${pid}/stat`).text(),
    Bun.file(`/proc/${pid}/status`).text(),
  ]);
  return parseCost(stat, status);
}

/**
 * Reads the CPU of a process and all its children, with those that have ended: of PostgreSQL, given
 * the process that started all others.
 */
export async function readTreeCpuUs(pid: number): Promise<number> {
  const children = await childrenOf(pid);
  const stats = await Promise.all(
    // A child that ends meanwhile is counted by its parent the next time.
    children.map((child) =>
      Bun.file(`/proc/${child}/stat`)
        .text()
        .catch(() => ""),
    ),
  );
  const own = fieldsOf(await Bun.file(`/proc/${pid}/stat`).text());
  const ticks = stats.filter((stat) => stat !== "").map((stat) => ticksOf(fieldsOf(stat)));
  const ended = Number(own[13]) + Number(own[14]);
  return ticks.reduce((sum, each) => sum + each, ticksOf(own) + ended) * TICK_US;
}

/** Reads the pid of the parent of a process. */
export async function readParent(pid: number): Promise<number> {
  return Number(fieldsOf(await Bun.file(`/proc/${pid}/stat`).text())[1]);
}

/** What follows the name, which is in brackets and may contain anything: the fields from 3 on. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** User and system time: fields 14 and 15. */
function ticksOf(fields: readonly string[]): number {
  return Number(fields[11]) + Number(fields[12]);
}

/** Parses the texts of the two files. */
export function parseCost(stat: string, status: string): Cost {
  const kilobytes = (name: string) =>
    Number(new RegExp(String.raw`^${name}:\s+(\d+) kB`, "m").exec(status)?.[1] ?? 0);
  return {
    cpuUs: ticksOf(fieldsOf(stat)) * TICK_US,
    residentBytes: kilobytes("VmRSS") * 1024,
    residentBytesMax: kilobytes("VmHWM") * 1024,
  };
}
