import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { legacyGlobals, type ModuleEntry, type ModuleTable } from '../contract/modules.ts';
import { builtinModules } from './builtins.ts';
import { libraries as allLibraries } from './libraries/index.ts';
import { type Library, nameOf } from './libraries/library.ts';

const root = join(import.meta.dirname, '../..');

/** What the runtime and the service know of the modules. `needsOf`: which other libraries one asks for, by id. */
export async function moduleTable(
  libraries: readonly Library[] = allLibraries,
  needsOf: (id: string) => string[] = () => [],
): Promise<ModuleTable> {
  const bcrypt = await versionOf('bcrypt');
  const builtins = builtinModules((name) => (name === 'bcrypt' ? bcrypt : undefined));
  const bundled = await Promise.all(libraries.map((library) => entryOf(library, needsOf(library.package))));
  return { modules: [...builtins, ...bundled], legacyGlobals };
}

async function entryOf(library: Library, needs: string[]): Promise<ModuleEntry> {
  const { package: id, aliases = [], subpaths, propertyPaths, pins, keeps } = library;
  return {
    id,
    name: nameOf(library),
    version: library.version ?? (await versionOf(id)),
    kind: 'library',
    file: fileOf(library),
    aliases,
    ...(subpaths ? { subpaths: Object.keys(subpaths) } : {}),
    ...(propertyPaths ? { propertyPaths } : {}),
    ...(pins ? { pins } : {}),
    ...(keeps ? { keeps } : {}),
    ...(needs.length > 0 ? { needs } : {}),
  };
}

/** Relative to the build. */
export function fileOf({ package: id }: Library): string {
  return `lib/${id.replace('/', '__')}.js`;
}

async function versionOf(id: string): Promise<string> {
  const text = await readFile(join(root, 'node_modules', id, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
