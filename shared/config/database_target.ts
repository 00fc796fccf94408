/** What a `DATABASE_URL` says, once it is read. Types alone. */

/** One server; a host that begins with a slash is the folder of a Unix socket. */
export interface DatabaseHost {
  readonly host: string;
  readonly port: number;
}

/** How the connection is encrypted, and what of the server's certificate is verified. */
export type TlsMode = "disable" | "prefer" | "require" | "verify-ca" | "verify-full";

/** What a `DATABASE_URL` says. What it leaves out is null. */
export interface DatabaseTarget {
  /** At least one; they are tried in turn. */
  readonly hosts: readonly DatabaseHost[];
  readonly user: string | null;
  readonly password: string | null;
  readonly database: string | null;
  readonly tlsMode: TlsMode;
  /** Path of the certificates of trusted authorities, or "system" for those of the machine. */
  readonly rootCertificate: string | null;
  /** Path of the client's certificate. */
  readonly certificate: string | null;
  /** Path of the client's key. */
  readonly key: string | null;
  readonly keyPassword: string | null;
  readonly connectTimeoutSeconds: number;
  /** Whether a pooler may run each statement in another session of the server. */
  readonly isPooled: boolean;
  /** The schema that other tools read from the URL. `DATABASE_SCHEMA` must be the same. */
  readonly schema: string | null;
  /** What was ignored, one sentence per parameter. */
  readonly ignored: readonly string[];
}

/** What parameters set: fields of the target, and those that also stand before the "?". */
export interface ParameterValues extends Partial<DatabaseTarget> {
  readonly host?: string;
  readonly port?: string;
  readonly dbname?: string;
}
