import { createHash, randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundling, replacing, textOf, usingEsbuild } from './bundling.ts';
import { hostName, nativePackages } from './read-guest-build.ts';
import { filesBelow, hashOfFiles } from './source-hash.ts';

const root = join(import.meta.dirname, '../..');
const shim = (name: string) => join(root, `sandbox/build/shims/${name}.cjs`);

/**
 * The sandbox host as one file beside the guest, unless it is there for the sources as they are: a sandbox process that
 * loads some seventy files, and strips types off them, takes twice as long to start, and callers wait for it after a crash.
 */
export async function bundleHost(directory: string): Promise<void> {
  const file = join(directory, hostName);
  const hash = await hashOfHost();
  const existing = await readFile(file, 'utf8').catch(() => '');
  if (isWhole(existing, hash)) return;
  const code = await usingEsbuild(bundle);
  const draft = join(directory, `${randomUUID()}.draft`);
  try {
    // Others than who builds it run it.
    await writeFile(draft, `${markOf(hash, code)}${code}`, { flush: true });
    await chmod(draft, 0o644);
    await rename(draft, file);
  } finally {
    await rm(draft, { force: true });
  }
}

/** The first line: of which sources, and the code that has to follow. */
function markOf(hash: string, code: string): string {
  return `// ${hash} ${createHash('sha256').update(code).digest('hex')}\n`;
}

/** A file may have been cut short, by a loss of power for one. */
function isWhole(text: string, hash: string): boolean {
  const code = text.slice(text.indexOf('\n') + 1);
  return text.startsWith(markOf(hash, code));
}

async function bundle(): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    ...bundling,
    // Crash reports name functions and places. Names that are kept by code cost at each start; here they stay by themselves.
    minify: false,
    entryPoints: [join(root, 'sandbox/host/main.ts')],
    // An ES module would have every export of the modules of Node's that it names read, and what they load on demand loaded.
    format: 'cjs',
    platform: 'node',
    external: [...nativePackages],
    plugins: [replacing({ undici: shim('undici'), 'node:http2': shim('http2') })],
  });
  return textOf(result);
}

/** How it is bundled, and with which packages, is in the name of the folder already: see source-hash.ts. */
async function hashOfHost(): Promise<string> {
  const folders = ['sandbox/host', 'sandbox/contract'].map((folder) => filesBelow(join(root, folder)));
  return hashOfFiles(root, (await Promise.all(folders)).flat());
}
