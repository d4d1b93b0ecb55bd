import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Connection } from './connection.ts';
import { withSlashes } from './load-script.ts';
import { readFileInside } from './read-file-inside.ts';
import type { ShadowOptions } from './shadow-schema.ts';

/** By action, as `customScripts` has them. */
export type ScriptPaths = ReadonlyMap<ActionName, string>;

/** No connection can be called so: its limits, its contexts and what it is blamed for are its own. */
export const shadowName = (connection: string) => `${connection}~shadow`;

/**
 * The scripts of the new version: those of the read-only ones that its folder has a file for, called as the file of
 * the version that is served.
 */
export async function findShadowScripts(
  root: string,
  folder: string,
  served: ScriptPaths,
  { login }: ShadowOptions,
): Promise<{ paths: ScriptPaths; message?: string }> {
  const wanted: ActionName[] = login ? ['get_user', 'login'] : ['get_user'];
  const paths = new Map<ActionName, string>();
  for (const action of wanted) {
    const path = served.get(action);
    if (path === undefined) continue;
    const file = `./${posix.basename(withSlashes(path))}`;
    const read = await readFileInside(root, posix.join(folder, file));
    if (!('reason' in read)) paths.set(action, file);
    else if (read.reason !== 'missing') return { paths, message: `${file} ${read.message}` };
  }
  if (paths.size > 0) return { paths };
  const files = wanted.map((action) => posix.basename(withSlashes(served.get(action) ?? `${action}.js`)));
  return { paths, message: `holds no new version: there is no ${files.join(' and no ')} in ${folder}` };
}

/** The version of the whole changes with either; the definition stays hidden. */
export function attachShadow(connection: Connection, shadow: Connection): Connection {
  const version = createHash('sha256')
    .update(`${connection.version}\n${shadow.version}`)
    .digest('hex')
    .slice(0, 32);
  const definition = Object.getOwnPropertyDescriptor(connection, 'definition')!;
  const attached = { ...connection, version };
  Object.defineProperty(attached, 'definition', definition);
  // Not enumerable either: what is answered of a connection names each field.
  return Object.defineProperty(attached, 'shadow', { value: shadow }) as Connection;
}
