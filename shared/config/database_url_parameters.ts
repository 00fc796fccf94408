/**
 * The parameters of `DATABASE_URL`: those of libpq and of tools that share the URL. A row says what
 * a value means, why it is ignored, or why it is refused. Pure.
 */
import type { ParameterValues, TlsMode } from "./database_target.ts";

/** What one parameter with one value means. */
export type ParameterOutcome =
  | { readonly kind: "understood"; readonly values: ParameterValues }
  | { readonly kind: "ignored"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string };

type Row = (value: string) => ParameterOutcome;

const TLS_MODES: ReadonlyMap<string, TlsMode> = new Map([
  ["disable", "disable"],
  // libpq tries without TLS first; with TLS first is no less secure.
  ["allow", "prefer"],
  ["prefer", "prefer"],
  ["require", "require"],
  ["no-verify", "require"],
  ["verify-ca", "verify-ca"],
  ["verify-full", "verify-full"],
]);
const SSL: ReadonlyMap<string, TlsMode> = new Map([
  ...TLS_MODES,
  ["true", "verify-full"],
  ["1", "verify-full"],
  ["false", "disable"],
  ["0", "disable"],
]);
const ACCEPT: ReadonlyMap<string, TlsMode> = new Map([
  ["strict", "verify-full"],
  ["accept_invalid_certs", "require"],
]);

const understood = (values: ParameterValues): ParameterOutcome => ({ kind: "understood", values });
const ignored = (reason: string): ParameterOutcome => ({ kind: "ignored", reason });
const refused = (reason: string): ParameterOutcome => ({ kind: "refused", reason });

const NO_OPTIONS =
  "Tally sets the settings of its sessions itself; set others with ALTER ROLE ... SET";
const POOL = "DATABASE_CONNECTIONS_MAX is the number of connections";
const FIXED = "Tally decides it";
const WRITES = "Tally writes and needs a primary: leave it out, or say read-write or primary";

/** Rows that understand some values. */
const UNDERSTOOD: Readonly<Record<string, Row>> = {
  host: (host) => understood({ host }),
  port: (port) => understood({ port }),
  user: (user) => understood({ user }),
  password: (password) => understood({ password }),
  dbname: (dbname) => understood({ dbname }),
  sslmode: (value) => tlsMode(TLS_MODES, value),
  ssl: (value) => tlsMode(SSL, value),
  sslaccept: (value) => tlsMode(ACCEPT, value),
  sslrootcert: (rootCertificate) => understood({ rootCertificate }),
  sslcert: (certificate) => understood({ certificate }),
  sslkey: (key) => understood({ key }),
  sslpassword: (keyPassword) => understood({ keyPassword }),
  connect_timeout(value) {
    const connectTimeoutSeconds = /^\d{1,3}$/.test(value) ? Number(value) : 0;
    if (connectTimeoutSeconds >= 1 && connectTimeoutSeconds <= 300) {
      return understood({ connectTimeoutSeconds });
    }
    return refused("it must be 1 to 300 seconds; 5 when it is left out");
  },
  pgbouncer(value) {
    if (value === "true" || value === "false") return understood({ isPooled: value === "true" });
    return refused("it must be true or false");
  },
  schema: (schema) => understood({ schema }),
  currentSchema: (schema) => understood({ schema }),
  target_session_attrs: oneOf(["any", "read-write", "primary"], WRITES),
  load_balance_hosts: oneOf(["disable"], "hosts are tried in the order in which they stand"),
  client_encoding: oneOf(["UTF8", "utf8", "UTF-8", "utf-8", "auto"], "it is always UTF8"),
  gssencmode: oneOf(["disable", "prefer"], "Tally has no GSSAPI: use sslmode"),
  channel_binding: oneOf(
    ["disable", "prefer"],
    "Tally's client has no channel binding: use sslmode=verify-full, which proves the server by its certificate",
  ),
  sslnegotiation: oneOf(["postgres"], "only postgres is supported: leave it out"),
  sslcompression: oneOf(["0"], "it is always off"),
  sslsni: oneOf(["1"], "the server's name is always sent"),
};

/** Rows that ignore every value, with the reason. */
const IGNORED: Readonly<Record<string, string>> = {
  application_name: "each pool of Tally has its own name in pg_stat_activity",
  fallback_application_name: "each pool of Tally has its own name in pg_stat_activity",
  keepalives: FIXED,
  keepalives_idle: FIXED,
  keepalives_interval: FIXED,
  keepalives_count: FIXED,
  tcp_user_timeout: FIXED,
  pool_timeout: "a statement waits as long as its caller",
  socket_timeout: "DATABASE_STATEMENT_TIMEOUT_MS is the longest statement",
  statement_cache_size: "pgbouncer=true turns prepared statements off",
  uselibpqcompat: "sslmode always means what it means to libpq",
};

/** Rows that refuse every value, with the reason. */
const REFUSED: Readonly<Record<string, string>> = {
  options: NO_OPTIONS,
  search_path: `${NO_OPTIONS}; DATABASE_SCHEMA is the schema`,
  statement_timeout: `${NO_OPTIONS}; DATABASE_STATEMENT_TIMEOUT_MS is the longest statement`,
  lock_timeout: NO_OPTIONS,
  idle_in_transaction_session_timeout: NO_OPTIONS,
  default_transaction_isolation: NO_OPTIONS,
  default_transaction_read_only: NO_OPTIONS,
  TimeZone: NO_OPTIONS,
  timezone: NO_OPTIONS,
  role: NO_OPTIONS,
  connection_limit: POOL,
  max: POOL,
  pool_max_conns: POOL,
  sslcrl: "Tally's client reads no revocation lists",
  sslcrldir: "Tally's client reads no revocation lists",
  require_auth: "Tally's client can't restrict how the server asks for the password",
  requirepeer: "Tally's client can't check the user of a Unix socket",
  passfile: "the password stands in the URL",
  service: "the parameters of the service stand in the URL",
  replication: "Tally reads and writes tables",
};

/** Every row, by the parameter's name. Others are refused. */
export const PARAMETERS: ReadonlyMap<string, Row> = new Map([
  ...Object.entries(UNDERSTOOD),
  ...Object.entries(IGNORED).map(([name, reason]): [string, Row] => [name, () => ignored(reason)]),
  ...Object.entries(REFUSED).map(([name, reason]): [string, Row] => [name, () => refused(reason)]),
]);

function tlsMode(modes: ReadonlyMap<string, TlsMode>, value: string): ParameterOutcome {
  const mode = modes.get(value);
  if (mode !== undefined) return understood({ tlsMode: mode });
  return refused(`it must be one of ${[...modes.keys()].join(", ")}`);
}

/** Values that change nothing; every other one is refused. */
function oneOf(values: readonly string[], reason: string): Row {
  return (value) => (values.includes(value) ? understood({}) : refused(reason));
}
