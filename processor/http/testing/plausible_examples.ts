/**
 * The requests of the examples in the documentation of Plausible's Stats API v2. Test support only.
 */

export const AGGREGATE = { metrics: ["visitors", "events"], date_range: "7d" };
export const CUSTOM_RANGE = { metrics: ["visitors"], date_range: ["2024-08-01", "2024-08-15"] };
export const COUNTRY_AND_CITY = {
  metrics: ["visitors", "pageviews", "bounce_rate"],
  date_range: "7d",
  filters: [["is_not", "visit:country_name", [""]]],
  dimensions: ["visit:country_name", "visit:city_name"],
};
export const UTM = {
  metrics: ["visitors", "events", "pageviews"],
  date_range: "7d",
  dimensions: ["visit:utm_medium", "visit:utm_source"],
};
export const FILTERING = {
  metrics: ["visitors"],
  date_range: "7d",
  filters: [
    ["contains", "event:page", ["/docs", "/pricing"]],
    [
      "or",
      [
        ["not", ["is", "visit:utm_campaign", ["Referral"]]],
        ["is", "visit:country_name", ["Estonia", "United States of America"]],
      ],
    ],
  ],
};
export const CASE_INSENSITIVE = {
  metrics: ["visitors"],
  date_range: "7d",
  filters: [["contains", "event:page", ["blog"], { case_sensitive: false }]],
};
export const SEGMENT = { ...AGGREGATE, filters: [["is", "segment", [2]]] };
export const TIMESERIES = {
  ...AGGREGATE,
  filters: [["is", "visit:os", ["GNU/Linux", "Mac"]]],
  dimensions: ["time:day"],
};
export const TIME_LABELS = {
  metrics: ["visitors"],
  date_range: "day",
  dimensions: ["time:hour"],
  include: { time_labels: true },
};
export const CUSTOM_PROPERTIES = {
  metrics: ["visitors"],
  date_range: "7d",
  dimensions: ["time:day", "event:props:is_customer"],
  order_by: [
    ["time:day", "asc"],
    ["event:props:is_customer", "desc"],
  ],
};
export const PAGINATION = {
  ...UTM,
  include: { total_rows: true },
  pagination: { limit: 3, offset: 1 },
};
export const IMPORTS = {
  metrics: ["visitors"],
  date_range: "all",
  dimensions: ["visit:source"],
  include: { imports: true },
};
export const IMPORTS_FILTERED = {
  ...IMPORTS,
  filters: [["is", "visit:country_name", ["Estonia"]]],
};
export const REVENUE = {
  metrics: ["total_revenue"],
  date_range: "all",
  dimensions: ["event:goal"],
};
export const REVENUE_FILTERED = {
  metrics: ["total_revenue"],
  date_range: "all",
  filters: [["is", "event:goal", ["PurchaseUSD", "PurchaseEUR"]]],
};
export const BEHAVIORAL = {
  metrics: ["visitors"],
  date_range: "all",
  filters: [
    ["is", "event:goal", ["Signup"]],
    ["has_done", ["is", "event:page", ["/pricing"]]],
  ],
};

/** The same question with the names of this system. */
export function renamed<T extends object>(request: T): T {
  const text = JSON.stringify(request)
    .replaceAll("visit:source", "event:source")
    .replaceAll("visit:", "event:props:")
    .replaceAll("event:goal", "event:name")
    .replaceAll("bounce_rate", "events");
  return JSON.parse(text) as T;
}
