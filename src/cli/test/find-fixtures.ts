import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { ConfigError } from '../../config.ts';

/** A fixture file and whose it is. */
export interface FixtureFile {
  path: string;
  /** As messages show it: relative to where the command was started. */
  shown: string;
  /** The directory of connections it belongs to. */
  root: string;
  /** The folder of a connection that it is in. */
  folder: string | undefined;
}

const FOLDER = 'database-connections';
const named = /(?:\.fixture|^fixtures)\.(?:ya?ml|json)$/;
const typed = /\.(?:ya?ml|json)$/;

/** What discovery takes for a fixture file, in words. */
export const fixtureNames =
  '*.fixture.yaml (.yml, .json), fixtures.yaml, or any YAML or JSON file in a folder called "fixtures"';

/** Whether a file that was found, not named, is one of fixtures. */
export function isFixtureFile(path: string): boolean {
  const name = basename(path);
  return named.test(name) || (typed.test(name) && dirname(path).split(sep).includes('fixtures'));
}

/**
 * The fixture files of `paths`, files or folders; without any, of `directory`. Throws ConfigError for a path that is not
 * there.
 */
export function findFixtures(paths: readonly string[], directory: string): FixtureFile[] {
  const asked = paths.length > 0 ? paths : [directory];
  const missing = asked.filter((path) => !existsSync(path));
  if (missing.length > 0) {
    const advice =
      paths.length > 0
        ? 'give files or folders that are there'
        : 'make it by "npx drawbridge init", or name it by --dir';
    throw new ConfigError(missing.map((path) => `there is no ${path}: ${advice}`));
  }
  const found = asked.flatMap((path) => {
    const whole = resolve(path);
    if (!statSync(whole).isDirectory()) return [whole];
    // Not by the folders above: a project may be called "fixtures" itself.
    return filesBelow(whole).filter((file) => isFixtureFile(relative(dirname(whole), file)));
  });
  return [...new Set(found)].sort().map((path) => ({
    path,
    shown: relative(process.cwd(), path) || path,
    ...homeOf(path, resolve(directory)),
  }));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

/** Upwards from the file: a connection's folder, else a directory that holds connections, else the one of --dir. */
function homeOf(path: string, directory: string): Pick<FixtureFile, 'root' | 'folder'> {
  const parts = path.split(sep);
  const at = parts.lastIndexOf(FOLDER);
  if (at > 0 && at < parts.length - 2) {
    return { root: parts.slice(0, at).join(sep) || sep, folder: parts[at + 1] };
  }
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const isRoot = [FOLDER, 'tenant.yaml', 'tenant.yml'].some((name) => existsSync(join(folder, name)));
    if (isRoot) return { root: folder, folder: undefined };
    if (dirname(folder) === folder) return { root: directory, folder: undefined };
  }
}
