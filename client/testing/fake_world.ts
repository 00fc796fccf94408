/** Test support: a browser of one origin, whose clock, storage and ingest the test controls. */
import type { ClientOptions, Client, TrackedEvent, Trouble } from "../api.ts";
import { createClientIn } from "../client.ts";
import type { PageStorage } from "../kept_values.ts";
import type { PageState, World } from "../world.ts";

/** What ingest answers to one request, now or later; "none": the request gets no answer. */
export type Answering = Response | Promise<Response> | "none" | "accept";

/** A request or a beacon that ingest has got. */
export interface Sent {
  readonly body: string;
  readonly options: RequestInit | null;
  /** Ids of its events. */
  readonly ids: readonly string[];
}

/** One page of the browser. */
export interface FakePage {
  readonly client: Client;
  readonly troubles: Trouble[];
  /** What the browser tells the page. */
  become(state: PageState): void;
  /** The page ends without a word: its timers run no more. */
  crash(): void;
}

export interface FakeBrowser {
  readonly storage: PageStorage & Record<string, unknown>;
  readonly requests: Sent[];
  readonly beacons: Sent[];
  /** Events that are rows: by id, so that one sent twice is one. */
  readonly rows: Map<string, TrackedEvent>;
  /** Answers in order; "accept" when none is left. */
  answers: Answering[];
  /** Whether the browser takes beacons. */
  takesBeacons: boolean;
  /** Number of values that the storage takes. */
  roomMax: number;
  /** 0 to 1, for every pause. */
  random: number;
  open(options?: Partial<ClientOptions>): FakePage;
  /** Moves the clocks and runs the timers that fall due, with all that follows from them. */
  pass(ms: number): Promise<void>;
  /** Sets the wall clock alone. */
  setWall(byMs: number): void;
}

const START_MS = Date.UTC(2026, 0, 31, 7);

export function fakeBrowser(): FakeBrowser {
  const clock = fakeClock();
  let lastNumber = 0;
  const browser: FakeBrowser = {
    storage: fakeStorage(() => browser.roomMax),
    requests: [],
    beacons: [],
    rows: new Map(),
    answers: [],
    takesBeacons: true,
    roomMax: Infinity,
    random: 1,
    open(options = {}) {
      let isAlive = true;
      let listener: (state: PageState) => void = () => undefined;
      const world: World = {
        ...fakeNetwork(browser),
        storage: browser.storage,
        wallNow: clock.wallNow,
        now: clock.now,
        random: () => browser.random,
        randomNumbers: () => new Uint32Array([(lastNumber += 1), 7, 7]),
        after: (ms, run) => clock.after(ms, () => isAlive && run()),
        onPage(on) {
          listener = on;
          return () => {
            listener = () => undefined;
          };
        },
        warn: () => undefined,
      };
      const troubles: Trouble[] = [];
      const onError = (trouble: Trouble) => void troubles.push(trouble);
      return {
        client: createClientIn(world, { url: "https://in.example", onError, ...options }),
        troubles,
        become: (state) => listener(state),
        crash: () => {
          isAlive = false;
        },
      };
    },
    pass: clock.pass,
    setWall: clock.setWall,
  };
  return browser;
}

function fakeNetwork(browser: FakeBrowser): Pick<World, "fetch" | "beacon"> {
  const read = (body: string): TrackedEvent[] => {
    const value = JSON.parse(body) as TrackedEvent[] | { events: TrackedEvent[] };
    return Array.isArray(value) ? value : value.events;
  };
  const receive = (body: string, options: RequestInit | null): Sent => ({
    body,
    options,
    ids: read(body).map(({ eventId }) => eventId),
  });
  const store = (body: string): void => {
    for (const event of read(body)) browser.rows.set(event.eventId, event);
  };
  return {
    async fetch(_, init) {
      const sent = receive(String(init.body), init);
      browser.requests.push(sent);
      const answering = browser.answers.shift() ?? "accept";
      if (answering === "none") throw new TypeError("Failed to fetch");
      if (answering !== "accept") return answering;
      store(sent.body);
      return Response.json({ accepted: sent.ids.length, rejected: [] }, { status: 202 });
    },
    beacon(_, text) {
      if (!browser.takesBeacons) return false;
      browser.beacons.push(receive(text, null));
      store(text);
      return true;
    },
  };
}

interface FakeClock extends Pick<World, "wallNow" | "now" | "after"> {
  pass(ms: number): Promise<void>;
  setWall(byMs: number): void;
}

function fakeClock(): FakeClock {
  let nowMs = 0;
  let wallOffsetMs = START_MS;
  let timers: { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    wallNow: () => nowMs + wallOffsetMs,
    after(ms, run) {
      const timer = { atMs: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
    async pass(ms) {
      const endMs = nowMs + ms;
      await turn();
      for (;;) {
        const due = timers.filter(({ atMs }) => atMs <= endMs);
        const [next] = due.toSorted((left, right) => left.atMs - right.atMs);
        if (next === undefined) break;
        timers = timers.filter((timer) => timer !== next);
        nowMs = Math.max(nowMs, next.atMs);
        next.run();
        await turn();
      }
      nowMs = endMs;
    },
    setWall: (byMs) => {
      wallOffsetMs += byMs;
    },
  };
}

/** A storage as browsers have it: the keys of its values are its own, its functions are not. */
export function fakeStorage(roomMax = () => Infinity): PageStorage & Record<string, unknown> {
  return Object.create({
    getItem(this: Record<string, string>, key: string): string | null {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string): void {
      if (!(key in this) && Object.keys(this).length >= roomMax()) {
        throw new DOMException("full", "QuotaExceededError");
      }
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string): void {
      delete this[key];
    },
  }) as PageStorage & Record<string, unknown>;
}

/** Lets every promise that can settle do so. */
async function turn(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}

/** Keys of the events that a browser stores. */
export function stored({ storage }: FakeBrowser): string[] {
  return Object.keys(storage).filter((key) => !key.includes("visitor"));
}

/** Ids of the events in all requests, in their order. */
export function sentIds({ requests }: FakeBrowser): string[] {
  return requests.flatMap(({ ids }) => ids);
}

/** Code and id of each event that was dropped. */
export function droppedIds(troubles: readonly Trouble[]): string[] {
  return troubles.flatMap((each) =>
    each.kind === "dropped" ? [`${each.code} ${each.event.eventId}`] : [],
  );
}

/** An answer of ingest that refuses. */
export function refusal(
  status: number,
  code: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code }, { status, headers });
}
