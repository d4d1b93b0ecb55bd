import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import type { Connection, ConnectionStore } from '../connections/connection.ts';
import { createDirectoryStore } from '../connections/directory-store.ts';
import type { Cipher } from '../encryption/create-cipher.ts';
import { loadCipher } from '../encryption/load-cipher.ts';
import type { ConnectionFiles } from './connection-files.ts';

interface ReadOptions {
  env?: Record<string, string> | undefined;
  configuration?: Record<string, string> | undefined;
  modules: ModuleTable;
  /** `none`: encrypted values are a mistake of the file, as in service. Else by the keys in `env`. */
  cipher?: Cipher | 'none' | undefined;
}

/** Tests need not have the keys of production: they give the values that their scripts read. */
const leavesAsItIs = { decrypt: (encrypted: string) => encrypted };

/** The connection as `drawbridge serve` would load it. Throws an Error that says what is wrong with the files. */
export async function readConnection(
  files: ConnectionFiles,
  { env = {}, configuration, modules, cipher: given }: ReadOptions,
  name?: string,
): Promise<Connection> {
  const byEnv = () => loadCipher({ keys: env.DRAWBRIDGE_ENCRYPTION_KEY }) ?? leavesAsItIs;
  const cipher = given === 'none' ? undefined : (given ?? byEnv());
  const store = await createDirectoryStore({ root: files.root, env, modules, cipher, watch: false });
  try {
    const connection = pick(store, name ?? (files.folder && (await nameIn(files, store))), files.folder);
    return configuration ? withConfiguration(connection, configuration) : connection;
  } finally {
    await store.close();
  }
}

/** A connection may be called otherwise than its folder. Found by its text, since markers need not be JSON. */
async function nameIn({ root, folder }: ConnectionFiles, store: ConnectionStore): Promise<string> {
  const text = await readFile(join(root, 'database-connections', folder!, 'database.json'), 'utf8');
  const names = [...text.matchAll(/"name"\s*:\s*"([^"]+)"/g)].map(([, name]) => name!);
  return names.find((name) => store.get(name)) ?? folder!;
}

function pick(store: ConnectionStore, name: string | undefined, folder: string | undefined): Connection {
  const [first, ...others] = store.list();
  if (name === undefined && first && others.length === 0) return first;
  const found = name === undefined ? undefined : store.get(name);
  if (found) return found;
  // Of one folder when one was meant: what is wrong beside it is not the test's business.
  const problems = store
    .problems()
    .filter(({ file }) => folder === undefined || file.split(/[\\/]/).includes(folder))
    .map(({ file, path, message }) => `\n  ${file}${path && ` at ${path}`}: ${message}`);
  const names = store.list().map((connection) => connection.name);
  const there = names.length === 0 ? 'none can be loaded' : `there are ${names.sort().join(', ')}`;
  const what = name === undefined ? 'State which connection' : `There is no connection "${name}"`;
  throw new Error(`${what}; ${there}${problems.join('')}`);
}

function withConfiguration(connection: Connection, configuration: Record<string, string>): Connection {
  const merged = { ...connection.definition.configuration, ...configuration };
  const version = `${connection.version}+${randomUUID()}`;
  return {
    ...connection,
    version,
    configurationKeys: Object.keys(merged),
    definition: { ...connection.definition, version, configuration: merged },
  };
}
