/**
 * Test support: starts the real Chromium that the package `@sparticuz/chromium`
 * carries, with nothing installed on the machine. The browser is unpacked once
 * into the user's cache; web security stays on, so that CORS and CSP are tested.
 */
import { chmod, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { chromium, type Browser } from "playwright-core";

const decompress = promisify(brotliDecompress);
const LAUNCH_MS_MAX = 30_000;

/**
 * Launches Chromium, headless; unpacks it first when the cache lacks it (about 3 s).
 *
 * @returns The browser; the caller closes it, which ends its processes.
 */
export async function launchBrowser(): Promise<Browser> {
  const folder = await unpackedBrowser();
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    // No sandbox: Chromium refuses one as root, and it opens only our own pages.
    args: [
      "--no-sandbox",
      "--no-zygote",
      "--disable-gpu",
      "--disable-software-rasterizer",
      "--font-render-hinting=none",
    ],
    env: {
      ...process.env,
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
      LD_LIBRARY_PATH: join(folder, "lib"),
      // Under the POSIX locale Chromium names a language that Intl refuses.
      LC_ALL: "en_US.UTF-8",
    },
    timeout: LAUNCH_MS_MAX,
  });
}

/** Folder with `chromium`, the fonts and the libraries of the installed package's version. */
async function unpackedBrowser(): Promise<string> {
  const packed = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..");
  const { version } = JSON.parse(await readFile(join(packed, "package.json"), "utf8"));
  const cache = join(cacheFolder(), "chromium");
  const folder = join(cache, String(version));
  if (existsSync(folder)) return folder;

  // Unpacked beside and renamed, so that no other run ever sees half a browser.
  const work = join(cache, `unpacking-${crypto.randomUUID()}`);
  await mkdir(work, { recursive: true });
  try {
    await unpackInto(work, { packed, folder });
    await rename(work, folder);
  } catch (error) {
    // Another run was faster: its folder is as good as ours.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return folder;
}

async function unpackInto(work: string, paths: { packed: string; folder: string }): Promise<void> {
  const unpack = async (name: string) =>
    decompress(await readFile(join(paths.packed, "bin", name)));
  const program = join(work, "chromium");
  await writeFile(program, await unpack("chromium.br"));
  await chmod(program, 0o755);
  await new Bun.Archive(await unpack("fonts.tar.br")).extract(work);
  await new Bun.Archive(await unpack("al2023.tar.br")).extract(work);
  await writeFile(join(work, "fonts.conf"), fontsConfig(paths.folder));
}

/** The package's own font for all text, so that a screenshot looks the same on every machine;
 * the package has no monospace font: the machine's, where it has one. */
function fontsConfig(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir><dir>/usr/share/fonts</dir><cachedir>${folder}/fonts-cache</cachedir>
  ${["sans-serif", "system-ui"].map((name) => alias(name, "Open Sans")).join("\n  ")}
  ${alias("monospace", "DejaVu Sans Mono")}
</fontconfig>
`;
}

function alias(family: string, preferred: string): string {
  return `<alias binding="same"><family>${family}</family><prefer><family>${preferred}</family></prefer></alias>`;
}

/** The user's cache folder for this project, outside of the checkout. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const base = XDG_CACHE_HOME?.startsWith("/") ? XDG_CACHE_HOME : join(HOME || homedir(), ".cache");
  return join(base, "tally");
}
