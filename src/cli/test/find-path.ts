import { existsSync, readdirSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';

/** Finds files where they lie, by the folders of their connections; where they cannot be found, by their names. */
export function createPathFinder(folders: ReadonlyMap<string, string>): (file: string) => string {
  return (file) => {
    const [connection = '', ...rest] = file.split('/');
    const folder = folders.get(connection);
    if (folder === undefined) return resolve(file);
    const inside = join(folder, ...rest);
    if (existsSync(inside)) return inside;
    // Stacks leave out the folders that all scripts of a connection have in common.
    const ending = `${sep}${join(...rest)}`;
    const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((path) =>
      `${sep}${path}`.endsWith(ending),
    );
    return found === undefined ? inside : join(folder, found);
  };
}
