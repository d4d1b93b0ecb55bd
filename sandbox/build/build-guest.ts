import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildSnapshot, preloaded } from './build-snapshot.ts';
import { bundleHost } from './bundle-host.ts';
import { bundleLibrary } from './bundle-library.ts';
import { bundleRuntime } from './bundle-runtime.ts';
import { usingEsbuild } from './bundling.ts';
import { libraries as allLibraries } from './libraries/index.ts';
import type { Library } from './libraries/library.ts';
import { fileOf, moduleTable } from './module-table.ts';
import { type GuestBuild, type Manifest, manifestName, readGuestBuild } from './read-guest-build.ts';
import { sourceHash } from './source-hash.ts';

export { type GuestBuild, type Manifest, readGuestBuild } from './read-guest-build.ts';

export interface BuildOptions {
  /** Build though there is a build of these sources. */
  force?: boolean;
  /** One line of text for each step. */
  onProgress?(text: string): void;
  /** Where builds go, each into a folder named by its hash. */
  outputFolder?: string;
  /** What is bundled, if not all: a tenth of the work. It is to go into a folder of its own, since its hash is the same. */
  libraries?: readonly Library[];
}

const root = join(import.meta.dirname, '../..');
/** Builds kept beside the newest, for processes that still run from them. */
const KEPT_BUILDS = 3;
const DRAFT_TAKES_AT_MOST_MS = 3_600_000;

/**
 * Bundles the runtime, the libraries and the host, unless that has been done for the sources as they are. Any number of
 * processes may do so at once: a build becomes visible as a whole, by the renaming of its folder.
 */
export async function buildGuest(options: BuildOptions = {}): Promise<GuestBuild> {
  const { outputFolder = join(root, 'dist/guest') } = options;
  try {
    const build = await findOrBuild({ ...options, outputFolder });
    await bundleHost(build.directory);
    return build;
  } catch (error) {
    throw cannotWrite(error, outputFolder) ?? error;
  }
}

type Wanted = BuildOptions & { outputFolder: string };

async function findOrBuild({
  force = false,
  onProgress = () => {},
  libraries = allLibraries,
  outputFolder,
}: Wanted): Promise<GuestBuild> {
  const hash = await sourceHash(root);
  const directory = join(outputFolder, hash);
  if (!force) {
    const existing = await readGuestBuild(directory).catch(() => undefined);
    if (existing) return existing;
  }
  const draft = join(outputFolder, `draft-${randomUUID()}`);
  try {
    await usingEsbuild(() => writeBuild({ draft, hash, libraries, onProgress }));
    await putInPlace(draft, directory, force);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  await removeOldBuilds(outputFolder, hash);
  return readGuestBuild(directory);
}

/** A disk that is full or may not be written to is for the person who started this to mend; all else is for us. */
function cannotWrite(error: unknown, folder: string): Error | undefined {
  // The snapshot is written by a process of its own.
  const { code, stderr } = error as { code?: unknown; stderr?: unknown };
  const reason = /\b(?:ENOSPC|EDQUOT|EROFS|EACCES|EPERM)\b/.exec(`${code} ${stderr}`)?.[0];
  if (!reason) return undefined;
  const message = `cannot write the modules for scripts to ${folder}: ${reason}. They take about 30 MB; make room, or let this user write there`;
  return Object.assign(new Error(message, { cause: error }), { name: 'GuestBuildError' });
}

interface Draft extends Required<Pick<BuildOptions, 'libraries' | 'onProgress'>> {
  draft: string;
  hash: string;
}

async function writeBuild({ draft, hash, libraries, onProgress }: Draft): Promise<void> {
  await mkdir(join(draft, 'lib'), { recursive: true });
  const needs = new Map<string, string[]>();
  onProgress(`bundling ${libraries.length} libraries`);
  await Promise.all(
    libraries.map(async (library) => {
      const bundle = await bundleLibrary(library);
      needs.set(library.package, bundle.needs);
      await writeFile(join(draft, fileOf(library)), bundle.code);
    }),
  );
  const table = await moduleTable(libraries, (id) => needs.get(id) ?? []);
  onProgress('bundling the runtime');
  await writeFile(join(draft, 'runtime.js'), await bundleRuntime(join(root, 'sandbox/guest/main.ts'), table));
  const manifest: Manifest = { hash, runtime: 'runtime.js', ...table, preloaded };
  onProgress('making the startup snapshot');
  await buildSnapshot(draft);
  await writeFile(join(draft, manifestName), JSON.stringify(manifest, null, 2));
}

/** A folder cannot be renamed over one that has files: then another process was first, with the same contents. */
async function putInPlace(draft: string, directory: string, replace: boolean): Promise<void> {
  if (replace) await rm(directory, { recursive: true, force: true });
  try {
    await rename(draft, directory);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

async function removeOldBuilds(folder: string, current: string): Promise<void> {
  const all = await readdir(folder);
  const names = all.filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== current);
  const aged = await Promise.all(
    names.map(async (name) => ({ name, changedAt: (await stat(join(folder, name))).mtimeMs })),
  );
  const old = aged.sort((a, b) => b.changedAt - a.changedAt).slice(KEPT_BUILDS);
  const drafts = all.filter((name) => name.startsWith('draft-'));
  const left = await Promise.all(drafts.map(async (name) => ((await isLeftBehind(name)) ? [name] : [])));
  const gone = [...old.map(({ name }) => name), ...left.flat()];
  await Promise.all(gone.map((name) => rm(join(folder, name), { recursive: true, force: true })));

  /** By a build that was killed. */
  async function isLeftBehind(draft: string): Promise<boolean> {
    const found = await stat(join(folder, draft)).catch(() => undefined);
    return found !== undefined && Date.now() - found.mtimeMs > DRAFT_TAKES_AT_MOST_MS;
  }
}

if (import.meta.main) {
  const started = performance.now();
  const build = await buildGuest({
    force: process.argv.includes('--force'),
    onProgress: (text) => console.log(text),
  });
  console.log(`${build.directory} (${Math.round(performance.now() - started)} ms)`);
}
