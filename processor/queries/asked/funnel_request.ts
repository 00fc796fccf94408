/** Reads the body of `POST /api/v2/funnel`. Pure. */
import { Type, type Static } from "@sinclair/typebox";
import { checkForm } from "./form.ts";
import { readOneFilter, type Filter } from "./filters.ts";
import { readField, type Field } from "./names.ts";
import { isRefused, readEach, refused, type Refused } from "./refused.ts";
import { readScope, SCOPE_PROPERTIES, type Scope } from "./request.ts";

const STEPS_MIN = 2;
const STEPS_MAX = 8;
const WINDOW_HINT = "a time such as 90s, 30m, 24h or 7d, of at most 31 days";
const BY_HINT = "session, event:page or event:props:<path>";

/** The body. */
export const FUNNEL_FORM = Type.Object(
  {
    ...SCOPE_PROPERTIES,
    steps: Type.Array(Type.Array(Type.Unknown()), {
      minItems: STEPS_MIN,
      maxItems: STEPS_MAX,
      description: `a list of ${STEPS_MIN} to ${STEPS_MAX} filters, such as [["is", "event:name", ["page_view"]], ["is", "event:name", ["purchase"]]]`,
    }),
    window: Type.String({ pattern: "^[1-9][0-9]{0,6}[smhd]$", description: WINDOW_HINT }),
    by: Type.Optional(Type.String({ description: BY_HINT })),
  },
  { additionalProperties: false },
);

/** A funnel whose form and names are right. */
export interface Funnel extends Scope {
  readonly steps: readonly Filter[];
  /** Longest time from the first step to the last. */
  readonly windowMs: number;
  /** Whose steps belong together. */
  readonly by: { readonly kind: "session" } | (Field & { readonly kind: "property" });
  readonly form: Static<typeof FUNNEL_FORM>;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const WINDOW_MS_MAX = 31 * 86_400_000; // chosen

/** Reads the body. */
export function readFunnelBody(body: unknown): Funnel | Refused {
  const form = checkForm(FUNNEL_FORM, body);
  if (isRefused(form)) return form;
  const scope = readScope(form);
  if (isRefused(scope)) return scope;
  const steps = readEach(form.steps, (step, index) => readOneFilter(step, `/steps/${index}`));
  if (isRefused(steps)) return steps;
  const windowMs = Number(form.window.slice(0, -1)) * (UNIT_MS[form.window.slice(-1)] ?? 0);
  if (windowMs > WINDOW_MS_MAX) {
    return refused("invalid_query", "/window", `Allowed: ${WINDOW_HINT}`);
  }
  const by = readBy(form.by ?? "session");
  return isRefused(by) ? by : { ...scope, steps, windowMs, by, form };
}

function readBy(name: string): Funnel["by"] | Refused {
  if (name === "session") return { kind: "session" };
  const field = readField(name, "/by");
  const isProperty = !isRefused(field) && field.kind === "property";
  return isProperty ? field : refused("unknown_dimension", "/by", `Allowed: ${BY_HINT}`);
}
