import { access, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

export interface ConnectionFiles {
  /** A directory in the layout that is served. */
  root: string;
  /** The one folder under `database-connections` that was meant, when a connection's folder was given. */
  folder: string | undefined;
  /** Removes what was made for it; never the caller's files. */
  release(): Promise<void>;
}

/** Takes a directory of connections, or the folder of one, wherever that lies. */
export async function openConnectionFiles(path: string): Promise<ConnectionFiles> {
  const given = resolve(path);
  if (!(await exists(given))) throw new Error(`There is no ${given}`);
  if (!(await exists(join(given, 'database.json')))) {
    return { root: given, folder: undefined, release: async () => {} };
  }
  if (basename(dirname(given)) === 'database-connections') {
    return { root: dirname(dirname(given)), folder: basename(given), release: async () => {} };
  }
  const root = await mkdtemp(join(tmpdir(), 'drawbridge-testkit-'));
  const folder = basename(given);
  await cp(given, join(root, 'database-connections', folder), { recursive: true });
  return { root, folder, release: () => rm(root, { recursive: true }) };
}

/** Puts a single script where a connection's files would be; see `runScript`. */
export async function writeScriptFiles(
  action: string,
  source: string,
  options: Record<string, unknown>,
): Promise<ConnectionFiles> {
  const root = await mkdtemp(join(tmpdir(), 'drawbridge-testkit-'));
  const folder = 'test';
  const directory = join(root, 'database-connections', folder);
  await mkdir(directory, { recursive: true });
  const database = {
    name: folder,
    strategy: 'auth0',
    options: {
      enabledDatabaseCustomization: true,
      enable_script_context: true,
      ...options,
      customScripts: { [action]: `./${action}.js` },
    },
  };
  await writeFile(join(directory, 'database.json'), JSON.stringify(database));
  await writeFile(join(directory, `${action}.js`), source);
  return { root, folder, release: () => rm(root, { recursive: true }) };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
