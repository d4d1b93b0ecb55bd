import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { v8Flags } from '../contract/v8-flags.ts';
import { makeSnapshot } from '../host/isolate.ts';
import { snapshotName } from './read-guest-build.ts';

/** Executed into the snapshot, so that the first call on a connection does not pay for them. */
export const preloaded = ['follow-redirects', 'form-data', 'axios'];

/** Makes the startup snapshot of a guest build, in a process with the flags of those that will read it. */
export async function buildSnapshot(directory: string): Promise<void> {
  await promisify(execFile)(process.execPath, [...v8Flags, fileURLToPath(import.meta.url), directory]);
}

async function main(directory: string): Promise<void> {
  const read = async (file: string) => ({ file, code: await readFile(join(directory, file), 'utf8') });
  const libraries = await Promise.all(preloaded.map((name) => read(`lib/${name}.js`)));
  const loading = preloaded.map((name) => `__drawbridge_preload(${JSON.stringify(name)});`).join('');
  const sources = [await read('runtime.js'), ...libraries, { file: 'preload.js', code: `${loading}0` }];
  await writeFile(join(directory, snapshotName), makeSnapshot(sources));
}

if (import.meta.main) await main(process.argv[2] ?? '');
