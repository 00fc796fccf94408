/** How the page signs in and out: `api/session` of the processor (docs/api.md). */

/** Who is signed in, and what they may do. */
export interface Session {
  readonly keysOn: boolean;
  /** Of the key, or null when nobody has signed in. */
  readonly name: string | null;
  readonly scopes: readonly ("write" | "read" | "operate")[];
  readonly expiresAt: string | null;
}

/** How a sign-in ended. */
export type SignedIn =
  | { readonly kind: "signed_in"; readonly session: Session }
  /** In words for the person who typed the key. */
  | { readonly kind: "refused"; readonly why: string };

export type Fetch = (url: string, options: RequestInit) => Promise<Response>;

/** The page's place, below which the browser sends the cookie. */
export interface Place {
  readonly fetch: Fetch;
  /** Path of the page with a slash at its end; a proxy may serve it below any. */
  readonly path: string;
}

const UNREACHABLE = "The processor can't be reached. Try again when it is back.";

/** Opens a session with a key; never rejects. */
export async function signIn(key: string, place: Place): Promise<SignedIn> {
  const response = await send("POST", { key, path: place.path }, place);
  if (response === null) return { kind: "refused", why: UNREACHABLE };
  const fields = await readFields(response);
  if (fields === null) return { kind: "refused", why: UNREACHABLE };
  if (response.ok) return { kind: "signed_in", session: fields as Session };
  return { kind: "refused", why: describe(fields as Refusal, response) };
}

/** Ends the session, and gives that of nobody; null when the processor can't be reached. */
export async function signOut(place: Place): Promise<Session | null> {
  const response = await send("DELETE", { path: place.path }, place);
  if (response === null || !response.ok) return null;
  return (await readFields(response)) as Session | null;
}

interface Refusal {
  readonly code?: string;
  readonly title?: string;
}

function describe({ code, title }: Refusal, { status, headers }: Response): string {
  switch (code) {
    case "key_unknown":
      return "There is no such key, or it was revoked.";
    case "key_scope":
      return "This key may only send events. Sign in with a key that may read.";
    case "sign_in_limited":
      return `Too many tries. Try again in ${headers.get("retry-after") ?? "60"} seconds.`;
    default:
      return `${title ?? `The answer has the status ${status}`}.`;
  }
}

async function send(method: string, body: object, { fetch }: Place): Promise<Response | null> {
  try {
    return await fetch("api/session", {
      method,
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    // The network; the caller says so.
    return null;
  }
}

/** The JSON object of an answer, or null when a proxy has answered in its place. */
async function readFields(response: Response): Promise<object | null> {
  try {
    const value: unknown = await response.json();
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
