/**
 * nginx or Caddy in front of both services, as docs/going-public.md sets them up: the files of that
 * page, with other ports and a certificate made by its command. Test support only.
 */
import { eventually } from "@tally/shared";
import { freePort, LOOPBACK } from "@tally/stack/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The programs of the page. */
export const PROXIES = ["nginx", "caddy"] as const;
export type ProxyName = (typeof PROXIES)[number];

/** Where the services listen. */
export interface Upstreams {
  readonly ingest: string;
  readonly processor: string;
}

/** A proxy that listens. */
export interface TlsProxy {
  readonly port: number;
  /** A port that sends browsers to https, or null when the proxy has none. */
  readonly plainPort: number | null;
  /** The certificate, which no authority has signed. */
  readonly certificate: string;
  stop(): Promise<void>;
}

const PAGE = await Bun.file(
  join(import.meta.dir, "..", "..", "..", "docs", "going-public.md"),
).text();
const START_MS_MAX = 10_000;

/** The first block of a language on the page that holds a text. */
export function blockOf(language: string, text: string): string {
  for (const [, block = ""] of PAGE.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, "gs"))) {
    if (block.includes(text)) return block;
  }
  throw new Error(`docs/going-public.md has no ${language} block with "${text}"`);
}

/** Whether a program of the page is installed here. */
export function isInstalled(name: string): boolean {
  return programOf(name) !== null;
}

function programOf(name: string): string | null {
  return Bun.which(name) ?? Bun.which(`/usr/sbin/${name}`);
}

/** Starts a proxy before two services. */
export async function startTlsProxy(name: ProxyName, upstreams: Upstreams): Promise<TlsProxy> {
  const folder = await mkdtemp(join(tmpdir(), `tally-${name}-`));
  await run(["sh", "-ec", blockOf("sh", "openssl req")], folder);
  const port = await freePort();
  const plainPort = await freePort();
  const parts = { folder, port, plainPort, upstreams };
  const command = name === "nginx" ? await nginx(parts) : await caddy(parts);
  const log = join(folder, "log.txt");
  const running = Bun.spawn([programOf(name) ?? name, ...command], {
    cwd: folder,
    env: { HOME: folder },
    stdout: Bun.file(log),
    stderr: Bun.file(log),
  });
  if (!(await eventually(() => isListening(port), START_MS_MAX))) {
    running.kill();
    throw new Error(`${name} did not start: ${await Bun.file(log).text()}`);
  }
  return {
    port,
    plainPort: name === "nginx" ? plainPort : null,
    certificate: join(folder, "fullchain.pem"),
    async stop() {
      running.kill();
      await running.exited;
      await rm(folder, { recursive: true });
    },
  };
}

interface Parts {
  readonly folder: string;
  readonly port: number;
  readonly plainPort: number;
  readonly upstreams: Upstreams;
}

/** Writes nginx's files. @returns Its arguments. */
async function nginx({ folder, port, plainPort, upstreams }: Parts): Promise<readonly string[]> {
  const site = replaced(blockOf("nginx", "server_name"), {
    "listen 80;": `listen ${LOOPBACK}:${plainPort};`,
    "listen 443 ssl;": `listen ${LOOPBACK}:${port} ssl;`,
    "/etc/letsencrypt/live/tally.example": folder,
    "127.0.0.1:8081": new URL(upstreams.ingest).host,
    "127.0.0.1:8082": new URL(upstreams.processor).host,
  });
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const temporary = paths.map((each) => `${each}_temp_path ${folder}/${each};`).join("\n");
  // Root starts workers as another user, which could not read the folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  await Bun.write(
    join(folder, "nginx.conf"),
    `${user}\ndaemon off;\npid ${folder}/pid;\nerror_log stderr;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${site}\n}\n`,
  );
  return ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
}

/** Writes Caddy's file. @returns Its arguments. */
async function caddy({ folder, port, upstreams }: Parts): Promise<readonly string[]> {
  const tls = `tls ${folder}/fullchain.pem ${folder}/privkey.pem`;
  const sites = replaced(blockOf("caddy", "reverse_proxy"), {
    "\nin.tally.example {": `\nhttps://in.tally.example:${port} {\n    bind ${LOOPBACK}\n    ${tls}`,
    "tally.example {\n    reverse_proxy 127.0.0.1:8082": `https://tally.example:${port} {\n    bind ${LOOPBACK}\n    ${tls}\n    reverse_proxy ${new URL(upstreams.processor).host}`,
    "127.0.0.1:8081": new URL(upstreams.ingest).host,
  });
  await Bun.write(
    join(folder, "Caddyfile"),
    `{\n    admin off\n    auto_https off\n    skip_install_trust\n}\n\n${sites}`,
  );
  return ["run", "--config", join(folder, "Caddyfile"), "--adapter", "caddyfile"];
}

/** Replaces texts, each of which must be there. */
function replaced(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`docs/going-public.md has no "${from}"`);
    return changed.replaceAll(from, to);
  }, text);
}

async function run(command: string[], cwd: string): Promise<void> {
  const ended = Bun.spawn(command, { cwd, stdout: "ignore", stderr: "pipe" });
  const [code, complaint] = [await ended.exited, await new Response(ended.stderr).text()];
  if (code !== 0) throw new Error(`"${command.join(" ")}" ended with ${code}: ${complaint}`);
}

async function isListening(port: number): Promise<boolean> {
  const socket = { data: () => undefined };
  const opened = await Bun.connect({ hostname: LOOPBACK, port, socket }).catch(() => null);
  opened?.end();
  return opened !== null;
}
