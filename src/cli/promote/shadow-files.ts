import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { scriptPath } from '../../connections/load-script.ts';
import type { ConnectionSource } from '../../connections/read-sources.ts';
import { PromoteError } from './promote-error.ts';

/** Where the served scripts lie that are replaced; what they require by relative paths goes there with them. */
export function targetFolder(
  { file: settings, scriptFolder, value, foundScripts }: ConnectionSource,
  dir: string,
  from: string,
  files: readonly string[],
): string {
  type Scripts = { customScripts?: Record<string, unknown> | null };
  const { options, customScripts } = value as Scripts & { options?: Scripts };
  const served = Object.values(options?.customScripts ?? customScripts ?? foundScripts)
    .filter((path) => typeof path === 'string')
    .map((path) => scriptPath(resolve(dir), scriptFolder, path));
  const within = served.find((path) => path.startsWith(`${posix.normalize(from).replace(/\/$/, '')}/`));
  if (within !== undefined || posix.normalize(from) === posix.normalize(scriptFolder)) {
    throw new PromoteError(
      `options.shadow.dir of ${settings} is a folder of what is served (${within ?? scriptFolder}); put the new version into a folder of its own, such as "./next"`,
    );
  }
  const folders = [
    ...new Set(served.filter((path) => files.includes(posix.basename(path))).map(posix.dirname)),
  ];
  if (folders.length > 1) {
    throw new PromoteError(
      `the scripts that ${from} replaces are in several folders (${folders.join(', ')}); put them in place by hand`,
    );
  }
  return folders[0] ?? scriptFolder;
}

export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, '/');
      if (!entry.isFile()) throw new PromoteError(`${join(folder, file)} is not a plain file`);
      return file;
    });
  if (files.includes('database.json')) {
    throw new PromoteError(
      `${join(folder, 'database.json')} is not promoted: settings are changed in place. Remove it`,
    );
  }
  return files.sort();
}

/** Copies what will be replaced into a folder of its own. */
export async function keepPrevious(
  dir: string,
  folder: string,
  files: readonly string[],
): Promise<string | undefined> {
  const kept = posix.join(folder, `previous-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  const replaced = files.filter((file) => existsSync(join(dir, folder, file)));
  try {
    for (const file of replaced) {
      const target = join(dir, kept, file);
      await mkdir(dirname(target), { recursive: true });
      await copyFile(join(dir, folder, file), target);
    }
  } catch (error) {
    await rm(join(dir, kept), { recursive: true, force: true });
    throw error;
  }
  return replaced.length > 0 ? kept : undefined;
}

/** What was put there meanwhile is nobody's to remove. */
export async function removeFiles(folder: string, files: readonly string[]): Promise<void> {
  const isNew = (await filesIn(folder)).some((file) => !files.includes(file));
  if (!isNew) return rm(folder, { recursive: true });
  for (const file of files) await rm(join(folder, file));
}
