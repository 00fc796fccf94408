/**
 * Reads the body of `POST /api/v2/query`, which has the shape of Plausible's Stats API v2: checks
 * its form by its schema, and every name in it. Pure.
 */
import { Type, type Static } from "@sinclair/typebox";
import { readFilters, type Filter } from "./filters.ts";
import { readDimension, readMetric, type Dimension, type Metric } from "./names.ts";
import { readRange, readTimeZone, type RangeWish } from "./range_words.ts";
import { isRefused, readEach, refused, type Refused } from "./refused.ts";
import { checkForm } from "./form.ts";

/** Rows of one answer. */
export const ROWS_MAX = 10_000;
/** Rows of an answer by a property, unless the query asks for more. */
const PROPERTY_ROWS_DEFAULT = 1000;
const METRICS_MAX = 20; // chosen
const DIMENSIONS_MAX = 3;
const OFFSET_MAX = 1_000_000; // chosen

const TEXT = Type.String({ description: "a text" });
const FLAG = Type.Boolean({ description: "true or false" });

/** What both kinds of questions bound: the part of the rows that they look at. */
export const SCOPE_PROPERTIES = {
  site_id: Type.Optional(Type.String({ description: "a text; it is accepted and not used" })),
  date_range: Type.Union([TEXT, Type.Array(TEXT, { minItems: 2, maxItems: 2 })], {
    description: "a word such as 24h, or two dates or times",
  }),
  filters: Type.Optional(
    Type.Array(Type.Unknown(), {
      description: 'a list of filters, such as ["is", "event:name", ["page_view"]]',
    }),
  ),
  timezone: Type.Optional(Type.String({ description: "the name of a time zone" })),
};

/** The body. */
export const QUERY_FORM = Type.Object(
  {
    ...SCOPE_PROPERTIES,
    metrics: Type.Array(TEXT, {
      minItems: 1,
      maxItems: METRICS_MAX,
      description: `a list of 1 to ${METRICS_MAX} metrics`,
    }),
    dimensions: Type.Optional(
      Type.Array(TEXT, {
        maxItems: DIMENSIONS_MAX,
        description: `a list of up to ${DIMENSIONS_MAX} dimensions`,
      }),
    ),
    order_by: Type.Optional(
      Type.Array(Type.Array(TEXT, { minItems: 2, maxItems: 2 }), {
        maxItems: METRICS_MAX + DIMENSIONS_MAX,
        description: 'a list such as [["events", "desc"]]',
      }),
    ),
    include: Type.Optional(
      Type.Object(
        {
          time_labels: Type.Optional(FLAG),
          total_rows: Type.Optional(FLAG),
          imports: Type.Optional(FLAG),
          comparisons: Type.Optional(
            Type.Object(
              {
                mode: Type.Union(
                  [Type.Literal("previous_period"), Type.Literal("year_over_year")],
                  { description: "previous_period or year_over_year" },
                ),
              },
              {
                additionalProperties: false,
                description: '{"mode": "previous_period"} or {"mode": "year_over_year"}',
              },
            ),
          ),
        },
        {
          additionalProperties: false,
          description: "an object with any of time_labels, total_rows, imports and comparisons",
        },
      ),
    ),
    pagination: Type.Optional(
      Type.Object(
        {
          limit: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: ROWS_MAX,
              description: `a whole number from 1 to ${ROWS_MAX}`,
            }),
          ),
          offset: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: OFFSET_MAX,
              description: `a whole number from 0 to ${OFFSET_MAX}`,
            }),
          ),
        },
        { additionalProperties: false, description: "an object with limit and offset" },
      ),
    ),
  },
  { additionalProperties: false },
);

type QueryForm = Static<typeof QUERY_FORM>;

/** The part of the rows that a question looks at. */
export interface Scope {
  readonly range: RangeWish;
  readonly timeZone: string;
  readonly filter: Filter | null;
}

/** One column that rows are ordered by. */
export interface Order {
  readonly by: "metric" | "dimension";
  /** Its place in the query's list. */
  readonly index: number;
  readonly isDescending: boolean;
}

/** A query whose form and names are right. */
export interface Query extends Scope {
  readonly metrics: readonly Metric[];
  readonly dimensions: readonly Dimension[];
  /** Complete: rows that are equal in it are equal in all dimensions. */
  readonly orderBy: readonly Order[];
  readonly comparison: "previous_period" | "year_over_year" | null;
  readonly hasTimeLabels: boolean;
  readonly limit: number;
  readonly offset: number;
  readonly form: QueryForm;
}

/** Reads the body. */
export function readQueryBody(body: unknown): Query | Refused {
  const form = checkForm(QUERY_FORM, body);
  if (isRefused(form)) return form;
  const { include = {}, pagination = {} } = form;
  const scope = readScope(form);
  if (isRefused(scope)) return scope;
  const metrics = readEach(form.metrics, (name, at) => readMetric(name, `/metrics/${at}`));
  if (isRefused(metrics)) return metrics;
  const dimensions = readEach(form.dimensions ?? [], (name, at) =>
    readDimension(name, `/dimensions/${at}`),
  );
  if (isRefused(dimensions)) return dimensions;
  if (dimensions.filter(({ kind }) => kind === "time").length > 1) {
    return refused("invalid_query", "/dimensions", "Allowed: one dimension of time");
  }
  const hasTimeLabels = include.time_labels === true;
  if (hasTimeLabels && dimensions.every(({ kind }) => kind !== "time")) {
    return refused("invalid_query", "/include/time_labels", "It needs a dimension of time");
  }
  const orderBy = readOrder(form);
  if (isRefused(orderBy)) return orderBy;
  const isByProperty = dimensions.some(({ kind }) => kind === "property");
  return {
    ...scope,
    metrics,
    dimensions,
    orderBy: completeOrder(orderBy, dimensions),
    comparison: include.comparisons?.mode ?? null,
    hasTimeLabels,
    limit: pagination.limit ?? (isByProperty ? PROPERTY_ROWS_DEFAULT : ROWS_MAX),
    offset: pagination.offset ?? 0,
    form,
  };
}

/** Reads what both kinds of questions have. */
export function readScope(
  form: Pick<QueryForm, "date_range" | "filters" | "timezone">,
): Scope | Refused {
  const timeZone = readTimeZone(form.timezone ?? "UTC");
  if (isRefused(timeZone)) return timeZone;
  const range = readRange(form.date_range);
  if (isRefused(range)) return range;
  const filter = readFilters(form.filters ?? [], "/filters");
  if (isRefused(filter)) return filter;
  return { range, timeZone, filter };
}

function readOrder({ order_by: orders = [], metrics, dimensions = [] }: QueryForm) {
  return readEach(orders, ([name = "", direction = ""], at): Order | Refused => {
    if (direction !== "asc" && direction !== "desc") {
      return refused("invalid_query", `/order_by/${at}/1`, "Allowed: asc or desc");
    }
    const isDescending = direction === "desc";
    const metric = metrics.indexOf(name);
    if (metric !== -1) return { by: "metric", index: metric, isDescending };
    const index = dimensions.indexOf(name);
    if (index !== -1) return { by: "dimension", index, isDescending };
    const hint = "Allowed: the metrics and dimensions of this query";
    return refused("invalid_query", `/order_by/${at}/0`, hint);
  });
}

/** By default time comes first, then the first metric, greatest first; then all dimensions. */
function completeOrder(orders: readonly Order[], dimensions: readonly Dimension[]): Order[] {
  const time = dimensions.findIndex(({ kind }) => kind === "time");
  const isGiven = orders.length > 0;
  const rest = dimensions.map((_, index) => index);
  const byDimension = (index: number): Order => ({ by: "dimension", index, isDescending: false });
  return [
    ...orders,
    ...(isGiven || time === -1 ? [] : [byDimension(time)]),
    ...(isGiven ? [] : [{ by: "metric", index: 0, isDescending: true } as const]),
    ...rest.map(byDimension),
  ];
}
