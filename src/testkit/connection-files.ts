import { access, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, normalize, resolve, sep } from 'node:path';

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
  const copied = join(root, 'database-connections', folder);
  // A link within the folder is to lead into the copy.
  await cp(given, copied, { recursive: true, verbatimSymlinks: true });
  return { root, folder, release: () => rm(root, { recursive: true }) };
}

export interface ScriptFiles {
  action: string;
  source: string;
  connectionOptions?: Record<string, unknown> | undefined;
  /** By their paths beside the script. */
  helpers?: Record<string, string> | undefined;
}

/** Puts a single script where a connection's files would be, with its helper files; see `runScript`. */
export async function writeScriptFiles(script: ScriptFiles): Promise<ConnectionFiles> {
  const { action, source, connectionOptions = {}, helpers = {} } = script;
  for (const path of Object.keys(helpers)) {
    const isInside = !isAbsolute(path) && normalize(path).split(sep)[0] !== '..';
    if (!isInside) throw new Error(`The helper file ${path} is neither beside the script nor below`);
  }
  const root = await mkdtemp(join(tmpdir(), 'drawbridge-testkit-'));
  const folder = 'test';
  const directory = join(root, 'database-connections', folder);
  const database = {
    name: folder,
    strategy: 'auth0',
    options: {
      enabledDatabaseCustomization: true,
      enable_script_context: true,
      ...connectionOptions,
      customScripts: { [action]: `./${action}.js` },
    },
  };
  const files = { ...helpers, 'database.json': JSON.stringify(database), [`${action}.js`]: source };
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  return { root, folder, release: () => rm(root, { recursive: true }) };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
