/** What the query API takes and answers (docs/analytics.md), as far as this page asks. */

/** `[operator, dimension, [values]]`, or filters combined. */
export type QueryFilter = readonly unknown[];

/** The body of `POST api/v2/query`. */
export interface Question {
  readonly metrics: readonly string[];
  /** A word such as `24h`, or two times, the second excluded. */
  readonly date_range: string | readonly [string, string];
  readonly dimensions?: readonly string[];
  readonly filters?: readonly QueryFilter[];
  readonly timezone?: string;
  readonly order_by?: readonly (readonly [string, "asc" | "desc"])[];
  readonly include?: {
    readonly time_labels?: boolean;
    readonly comparisons?: { readonly mode: "previous_period" | "year_over_year" };
  };
  readonly pagination?: { readonly limit?: number; readonly offset?: number };
}

/** The body of `POST api/v2/funnel`. */
export interface FunnelQuestion {
  readonly date_range: string | readonly [string, string];
  readonly filters?: readonly QueryFilter[];
  readonly timezone?: string;
  readonly steps: readonly QueryFilter[];
  readonly window: string;
  readonly by?: string;
}

export interface Result {
  readonly dimensions: readonly (string | number | boolean | null)[];
  readonly metrics: readonly (number | null)[];
  readonly comparison?: {
    readonly metrics: readonly (number | null)[];
    /** Percent; null where there was nothing before. */
    readonly change: readonly (number | null)[];
  };
}

export interface Meta {
  readonly complete_up_to: string | null;
  readonly source: "counts" | "rows";
  readonly exact: { readonly [metric: string]: boolean };
  readonly rows_in_range: number;
  readonly rows_read: number;
  readonly late_events: number;
  readonly total_rows: number;
  readonly took_ms: number;
  readonly time_labels?: readonly string[];
  /** Only of a compared answer: its earlier range, as two times. */
  readonly comparison?: { readonly date_range: readonly [string, string] };
}

export interface QueryAnswer {
  readonly results: readonly Result[];
  readonly meta: Meta;
}

export interface FunnelStep {
  readonly step: number;
  readonly count: number;
  readonly percentage: number | null;
  readonly step_percentage: number | null;
  readonly median_seconds: number | null;
}

export interface FunnelAnswer {
  readonly results: readonly FunnelStep[];
  readonly meta: Omit<Meta, "exact" | "total_rows" | "time_labels"> & { readonly exact: boolean };
}
