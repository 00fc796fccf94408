/** What a row costs as the table grows, with ids in order and with random ids. */
import { Ledger } from "../../driver/ledger.ts";
import { runIds } from "../../load/event.ts";
import {
  highFigure,
  lowFigure,
  type Bench,
  type Family,
  type Figure,
  type Round,
} from "../figure.ts";
import { findDifferences } from "../measure/counted.ts";
import { drain } from "../measure/drained.ts";
import { rawProduce } from "../measure/limits.ts";
import { onSystem } from "../measure/on_system.ts";

/** A full run ends with 30 million rows. Of 10,000, most are rows before the first look. */
const PART_RECORDS = { tiny: 100_000, quick: 200_000, full: 3_000_000 };
/** The producer holds the records of one fill in memory. */
const FILL_RECORDS_MAX = 1_000_000;

/** How the table is filled. */
export interface Growth {
  /** How many times. */
  readonly parts: number;
  /** The part in which random ids are compared with ids in order. */
  readonly comparedPart: number;
}

/** In a full run the compared part fills from 9 to 12 million rows. */
const USUAL: Growth = { parts: 10, comparedPart: 4 };

/** The ids as ingest makes them and as clients may send them, and their names in figures. */
const ID_FORMS = { v7: "grown", v4: "grown-v4" } as const;
type IdForm = keyof typeof ID_FORMS;

/** The family; a test fills in fewer parts. */
export function growthRows(growth = USUAL): Family {
  const { comparedPart } = growth;
  return {
    name: "growth-rows",
    title:
      "drain to rows, part by part into one table; ids in order (UUIDv7), then random (UUIDv4)",
    figures: [
      ...figuresOf("v7", growth),
      ...figuresOf("v4", growth),
      lowFigure(
        "grown-v4-ratio",
        `PostgreSQL's CPU per row, random ids against ordered, part ${comparedPart}`,
        {
          unit: "times",
          target: 1.4,
        },
      ),
    ],
    async run(bench) {
      const v7 = await growTable(bench, "v7", growth);
      const v4 = await growTable(bench, "v4", growth);
      const values = { ...v7.values, ...v4.values };
      const costOf = (form: IdForm) => values[`${ID_FORMS[form]}-${comparedPart}-postgres`] ?? NaN;
      return {
        values: { ...values, "grown-v4-ratio": costOf("v4") / costOf("v7") },
        problems: [...v7.problems, ...v4.problems],
        sizes: { records: PART_RECORDS[bench.size] },
      };
    },
  };
}

function partsOf({ parts }: Growth): number[] {
  return Array.from({ length: parts }, (_, index) => index + 1);
}

function figuresOf(form: IdForm, growth: Growth): Figure[] {
  const parts = partsOf(growth);
  const name = ID_FORMS[form];
  const ids = form === "v4" ? "random ids, " : "";
  const where = (part: number) => `${ids}part ${part} of ${growth.parts}`;
  const low = { unit: "µs", target: null } as const;
  return [
    ...parts.map((part) =>
      highFigure(`${name}-${part}`, `drain, ${where(part)} into one table`, { unit: "events/s" }),
    ),
    ...parts.map((part) => lowFigure(`${name}-${part}-cpu`, `CPU per event, ${where(part)}`, low)),
    ...parts.map((part) =>
      lowFigure(`${name}-${part}-postgres`, `CPU per row, PostgreSQL, ${where(part)}`, low),
    ),
    ...parts.map((part) =>
      lowFigure(`${name}-${part}-wal`, `WAL per row, ${where(part)}`, { ...low, unit: "bytes" }),
    ),
  ];
}

/** Drains part after part into the table of a new system. */
async function growTable(
  bench: Bench,
  form: IdForm,
  growth: Growth,
): Promise<Omit<Round, "sizes">> {
  const records = PART_RECORDS[bench.size];
  const run = bench.newName();
  const startedAtMs = bench.nowMs();
  return await onSystem(bench, { options: { S3_ENABLED: "false" } }, async (system) => {
    const values: Record<string, number> = {};
    for (const part of partsOf(growth)) {
      bench.onNote(`${form}: filling the log, ${part} of ${growth.parts}`);
      const end = part * records;
      for (let first = end - records; first < end; first += FILL_RECORDS_MAX) {
        const count = Math.min(FILL_RECORDS_MAX, end - first);
        await rawProduce(bench, { topic: system.topic, run, form, first, count });
      }
      bench.onNote(`${form}: drain, ${part} of ${growth.parts}`);
      const drained = await drain(system, { events: end, withArchive: false });
      const name = `${ID_FORMS[form]}-${part}`;
      values[name] = drained.eventsPerSecond;
      values[`${name}-cpu`] = drained.cpuUs;
      values[`${name}-postgres`] = drained.postgresUs;
      values[`${name}-wal`] = drained.walBytes;
    }
    bench.onNote(`${form}: comparing events with rows`);
    const ledger = Ledger.from([["accepted", 0, growth.parts * records]]);
    const sent = { ids: runIds(run, form), ledger, startedAtMs };
    const counting = { withArchive: false, nowMs: bench.nowMs };
    return { values, problems: await findDifferences(system, [sent], counting) };
  });
}
