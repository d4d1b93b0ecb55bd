import { createHash, randomUUID } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundling, textOf, usingEsbuild } from './bundling.ts';
import { hostName } from './read-guest-build.ts';
import { filesBelow, hashOfFiles } from './source-hash.ts';

const root = join(import.meta.dirname, '../..');

/** Packages of native code cannot be bundled; they are found from the folder of the build upwards. */
const native = ['isolated-vm', 'bcrypt'];

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
    // Crash reports name functions and places.
    minify: false,
    keepNames: true,
    entryPoints: [join(root, 'sandbox/host/main.ts')],
    format: 'esm',
    platform: 'node',
    external: native,
    banner: {
      js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);",
    },
  });
  return textOf(result);
}

async function hashOfHost(): Promise<string> {
  const folders = await Promise.all(
    ['sandbox/host', 'sandbox/contract'].map((folder) => filesBelow(join(root, folder))),
  );
  const files = [
    ...folders.flat(),
    join(root, 'package-lock.json'),
    join(root, 'sandbox/build/read-guest-build.ts'),
    import.meta.filename,
  ];
  return hashOfFiles(root, files, createHash('sha256'));
}
