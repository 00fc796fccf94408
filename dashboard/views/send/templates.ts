/** Events to begin with. Their payloads are examples; nothing of the page depends on them. */

export interface Template {
  readonly name: string;
  readonly eventType: string;
  readonly payload: unknown;
}

export const TEMPLATES: readonly Template[] = [
  { name: "Page view", eventType: "page_view", payload: { path: "/home", referrer: null } },
  { name: "Click", eventType: "click", payload: { path: "/pricing", target: "#buy" } },
  {
    name: "Purchase",
    eventType: "purchase",
    payload: { cart: { items: 2, currency: "EUR" }, total: 49.9 },
  },
  { name: "Sign-up", eventType: "sign_up", payload: { plan: "free" } },
];
