import { basename, dirname, resolve } from 'node:path';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import type { Connection, Problem } from '../connections/connection.ts';
import { emptyReading, readConnections } from '../connections/read-connections.ts';
import { createKeywordReplacer, excludedDatabases } from '../connections/replace-keywords.ts';
import { loadCipher } from '../encryption/load-cipher.ts';

/** The connections of a directory as they are at the moment. */
export interface ConnectionsRead {
  /** By name. */
  connections: ReadonlyMap<string, Connection>;
  /** The names, by their folders below `database-connections`. */
  byFolder: ReadonlyMap<string, string>;
  problems: readonly Problem[];
}

interface ReadOptions {
  env: Readonly<Record<string, string | undefined>>;
  modules: ModuleTable;
}

/** Tests need not have the keys of production: they give the values that their scripts read. */
const leavesAsItIs = { decrypt: (encrypted: string) => encrypted };

/** Reads a directory of connections as `drawbridge serve` would, once. */
export async function readAllConnections(
  root: string,
  { env, modules }: ReadOptions,
): Promise<ConnectionsRead> {
  const { served, problems } = await readConnections(emptyReading, {
    root: resolve(root),
    replace: createKeywordReplacer(env),
    excluded: excludedDatabases(env),
    modules,
    cipher: loadCipher({ keys: env.DRAWBRIDGE_ENCRYPTION_KEY }) ?? leavesAsItIs,
  });
  const connections = new Map([...served].map(([name, { connection }]) => [name, connection]));
  const folders = [...served.values()].filter(({ file }) => basename(file) === 'database.json');
  const byFolder = new Map(folders.map(({ file, connection }) => [basename(dirname(file)), connection.name]));
  return { connections, byFolder, problems };
}
