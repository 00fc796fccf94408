/** Keys: their text, what is known of them, where a request presents one. */
export * from "./key.ts";
export * from "./known_key.ts";
export * from "./presented_key.ts";
export * from "./stored_keys.ts";
