/**
 * Metrics of the process itself, under the names that every Prometheus client uses.
 *
 * Not prom-client's own: on Bun its heap statistics stop the process for 30 to
 * 50 ms per scrape (measured), and its event loop figures mean nothing.
 */
import { Counter, Gauge, type Registry } from "prom-client";

/** Adds memory, start and CPU time of this process. */
export function addProcessMetrics(registry: Registry): void {
  const startedSeconds = performance.timeOrigin / 1000;
  const gauges: { name: string; help: string; aggregator: "sum" | "min"; read: () => number }[] = [
    {
      name: "process_resident_memory_bytes",
      help: "Resident memory.",
      aggregator: "sum",
      read: () => process.memoryUsage.rss(),
    },
    {
      name: "process_start_time_seconds",
      help: "Start of the process, since 1970.",
      aggregator: "min",
      read: () => startedSeconds,
    },
  ];
  for (const { name, help, aggregator, read } of gauges) {
    new Gauge({
      name,
      help,
      aggregator,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  }
  new Counter({
    name: "process_cpu_seconds_total",
    help: "User and system time.",
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
}
