/**
 * Reads `DATABASE_URL`. Every parameter is understood, ignored with a reason or refused by name;
 * none reaches the server as a setting, where it could change what the fence rests on. Pure.
 */
import type { DatabaseHost, DatabaseTarget, ParameterValues } from "./database_target.ts";
import { PARAMETERS } from "./database_url_parameters.ts";
import type { Parsed } from "./parsed.ts";

const SCHEME = /^postgres(?:ql)?:\/\//i;
const HOST = /^(?<host>\[[^\]]+\]|[^:[\]]*)(?::(?<port>\d{1,5}))?$/;
const QUERY = /^(?:[A-Za-z][\w.]*=[^&]*(?:&|$))*$/;
const REST = /^(?<hosts>[^/?@#]*)(?:\/(?<database>[^/?@#]*))?(?:\?(?<query>[^#]*))?$/;
/** PostgreSQL's own default, by its documentation. */
const PORT_DEFAULT = 5432;
/** For each host; a parameter of the URL replaces it. */
const CONNECT_SECONDS_DEFAULT = 5; // chosen

/** Reads the text. A problem names a parameter and never holds a value. */
export function parseDatabaseUrl(text: string): Parsed<DatabaseTarget> {
  if (!SCHEME.test(text)) {
    return problem("must be a URL that begins with postgres:// or postgresql://");
  }
  const parts = splitUrl(text.replace(SCHEME, ""));
  if (parts === null) {
    return problem("must be like postgres://user:password@host:5432/database?sslmode=require");
  }
  const values = readQuery(parts.query);
  if (values.kind === "problem") return values;
  const read = readParameters(values.value);
  if (read.kind === "problem") return read;
  const { host, port, user, password, dbname, ...changes } = read.value;
  const hosts = readHosts(parts.hosts, host, port);
  if (hosts.kind === "problem") return hosts;
  return finish({
    ...DEFAULTS,
    ...changes,
    hosts: hosts.value,
    user: user ?? parts.user,
    password: password ?? parts.password,
    database: dbname ?? parts.database,
  });
}

const DEFAULTS = {
  tlsMode: "disable",
  rootCertificate: null,
  certificate: null,
  key: null,
  keyPassword: null,
  connectTimeoutSeconds: CONNECT_SECONDS_DEFAULT,
  isPooled: false,
  schema: null,
  ignored: [],
} as const satisfies Partial<DatabaseTarget>;

interface UrlParts {
  readonly user: string | null;
  readonly password: string | null;
  readonly hosts: string;
  readonly database: string | null;
  readonly query: string;
}

/**
 * Finds where the password ends. It may hold any character, also unencoded: it ends at the first
 * "@" that is followed by hosts, a database and parameters, and by nothing else.
 */
function splitUrl(text: string): UrlParts | null {
  const ends = [-1, ...[...text.matchAll(/@/g)].map(({ index }) => index)];
  for (const end of ends) {
    const found = REST.exec(text.slice(end + 1))?.groups;
    if (found === undefined) continue;
    const { hosts = "", database = "", query = "" } = found;
    if (!hosts.split(",").every((each) => HOST.test(each)) || !QUERY.test(query)) continue;
    const [user = "", ...rest] = text.slice(0, Math.max(end, 0)).split(":");
    return {
      user: user === "" ? null : decoded(user),
      password: rest.length === 0 ? null : decoded(rest.join(":")),
      hosts,
      database: database === "" ? null : decoded(database),
      query,
    };
  }
  return null;
}

/** The decoded text; the text as it is when it is not valid percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function readQuery(query: string): Parsed<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  for (const pair of query.split("&").filter((each) => each !== "")) {
    const [name = "", ...value] = pair.split("=");
    if (values.has(name)) return problem(`must have the parameter ${name} only once`);
    values.set(name, decoded(value.join("=")));
  }
  return { kind: "value", value: values };
}

function readParameters(values: ReadonlyMap<string, string>): Parsed<ParameterValues> {
  let read: ParameterValues = {};
  const ignored: string[] = [];
  for (const [name, value] of values) {
    const outcome = PARAMETERS.get(name)?.(value) ?? UNKNOWN;
    if (outcome.kind === "refused") {
      return problem(`must not have the parameter ${name}: ${outcome.reason}`);
    }
    if (outcome.kind === "ignored") ignored.push(`${name} is ignored: ${outcome.reason}`);
    else read = { ...read, ...outcome.values };
  }
  return { kind: "value", value: { ...read, ignored } };
}

const UNKNOWN = {
  kind: "refused",
  reason: "Tally doesn't know it, and no parameter is sent to the server",
} as const;

/** Hosts from before the path or, when there are none, from the parameters. */
function readHosts(
  written: string,
  hostParameter = "",
  portParameter = "",
): Parsed<readonly DatabaseHost[]> {
  if (written !== "" && hostParameter !== "") {
    return problem("must name its host once: before the path, or as the parameter host");
  }
  const names = (written === "" ? hostParameter : written).split(",");
  const ports = portParameter === "" ? [] : portParameter.split(",");
  if (ports.length > 1 && ports.length !== names.length) {
    return problem("must have one port for all hosts or one for each, as the parameter port");
  }
  const hosts: DatabaseHost[] = [];
  for (const [index, name] of names.entries()) {
    // In the parameter an IPv6 address has no brackets and no port.
    const plain = { host: name, port: undefined };
    const { host = "", port } = written === "" ? plain : (HOST.exec(name)?.groups ?? plain);
    const number = Number(port ?? ports[index] ?? ports[0] ?? PORT_DEFAULT);
    if (!(Number.isInteger(number) && number >= 1 && number <= 65_535)) {
      return problem("must have ports from 1 to 65535");
    }
    hosts.push({ host: hostName(host), port: number });
  }
  return { kind: "value", value: hosts };
}

function hostName(written: string): string {
  const bare = written.startsWith("[") ? written.slice(1, -1) : written;
  return bare === "" ? "localhost" : decoded(bare);
}

/** Checks what only holds for several parameters together. */
function finish(target: DatabaseTarget): Parsed<DatabaseTarget> {
  const { tlsMode, rootCertificate, certificate, key } = target;
  if ((certificate === null) !== (key === null)) {
    return problem("must have both parameters sslcert and sslkey, or neither");
  }
  const names = { sslrootcert: rootCertificate, sslcert: certificate };
  const [unused] = Object.entries(names).find(([, path]) => path !== null) ?? [];
  if (tlsMode === "disable" && unused !== undefined) {
    return problem(`must have the parameter sslmode (verify-full, for example) beside ${unused}`);
  }
  if (rootCertificate === "system" && tlsMode !== "verify-full") {
    return problem("must have sslmode=verify-full beside sslrootcert=system");
  }
  // As libpq does: a certificate that is given is used.
  const verifies = tlsMode === "require" && rootCertificate !== null;
  return { kind: "value", value: verifies ? { ...target, tlsMode: "verify-ca" } : target };
}

function problem(text: string): { readonly kind: "problem"; readonly problem: string } {
  return { kind: "problem", problem: text };
}
