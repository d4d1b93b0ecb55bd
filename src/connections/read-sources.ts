import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { actionNames } from '../../sandbox/contract/actions.ts';
import type { Warning } from './connection.ts';
import { type ParsedText, parseJson, parseYaml } from './parse-text.ts';
import { readFileInside } from './read-file-inside.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** A connection as its file describes it: parsed, not checked. */
export interface ConnectionSource {
  /** The same from one reading to the next, whatever is changed in the file: `tenant.yaml#acme`. */
  key: string;
  /** Relative to the root. */
  file: string;
  /** Where it stands in the file: `databases[0]`, '' for the whole. */
  path: string;
  value: unknown;
  /** What its script paths are relative to; relative to the root. */
  scriptFolder: string;
  /** `<action>.js` files of its folder, for connections that name no scripts at all. */
  foundScripts: Record<string, string>;
  warnings: Warning[];
}

/** A file that could not be parsed. `key` is that of its connection, or the beginning of those of all in it. */
export interface FailedSource {
  key: string;
  file: string;
  /** Its folder's, which is the connection's name as a rule. */
  name?: string;
  path: string;
  message: string;
}

export interface Sources {
  connections: ConnectionSource[];
  failures: FailedSource[];
}

export const FOLDER = 'database-connections';
export const YAML_FILES = ['tenant.yaml', 'tenant.yml'];

/** Reads both layouts of auth0-deploy-cli. `undefined`: there is no such directory. */
export async function readSources(root: string, replace: KeywordReplacer): Promise<Sources | undefined> {
  if (!(await namesIn(root))) return undefined;
  const sources: Sources = { connections: [], failures: [] };
  const layouts = [await readFolders(root, replace, sources)];
  for (const file of YAML_FILES) layouts.push(await readYaml(root, file, replace, sources));
  if (!layouts.includes(true)) {
    const message = `The directory holds neither ${FOLDER}/ nor ${YAML_FILES[0]}`;
    sources.failures.push({ key: '.', file: '.', path: '', message });
  }
  return sources;
}

async function readFolders(root: string, replace: KeywordReplacer, sources: Sources): Promise<boolean> {
  const names = await namesIn(join(root, FOLDER));
  if (!names) return false;
  for (const name of names.sort()) {
    if (name.startsWith('.') || !(await isDirectory(join(root, FOLDER, name)))) continue;
    const key = `${FOLDER}/${name}`;
    const file = `${key}/database.json`;
    const parsed = await readParsed(root, file, replace, parseJson);
    if ('message' in parsed) sources.failures.push({ key, file, name, path: '', message: parsed.message });
    else {
      const foundScripts = await findScripts(join(root, FOLDER, name));
      sources.connections.push({ ...parsed, key, file, path: '', scriptFolder: key, foundScripts });
    }
  }
  return true;
}

async function readYaml(root: string, file: string, replace: KeywordReplacer, sources: Sources) {
  const parsed = await readParsed(root, file, replace, parseYaml);
  if ('message' in parsed) {
    if (parsed.missing) return false;
    sources.failures.push({ key: file, file, path: '', message: parsed.message });
    return true;
  }
  const databases = (parsed.value as { databases?: unknown } | null)?.databases ?? [];
  if (!Array.isArray(databases)) {
    sources.failures.push({ key: file, file, path: 'databases', message: 'must be a list of connections' });
    return true;
  }
  for (const [index, value] of databases.entries()) {
    const name = (value as { name?: unknown } | null)?.name;
    const key = `${file}#${typeof name === 'string' ? name : index}`;
    const path = `databases[${index}]`;
    const warnings = index === 0 ? parsed.warnings : [];
    sources.connections.push({ key, file, path, value, scriptFolder: '.', foundScripts: {}, warnings });
  }
  return true;
}

type Parsed = { value: unknown; warnings: Warning[] } | { message: string; missing: boolean };

async function readParsed(
  root: string,
  file: string,
  replace: KeywordReplacer,
  parse: (text: string) => ParsedText,
): Promise<Parsed> {
  const read = await readFileInside(root, file);
  if ('reason' in read) return { message: read.message, missing: read.reason === 'missing' };
  const { text, unknown } = replace(read.text);
  const parsed = parse(text);
  if ('value' in parsed) {
    return { value: parsed.value, warnings: unknown.map((each) => keywordWarning(file, each)) };
  }
  const { message, line, column } = parsed.mistake;
  return { message: `line ${line}, column ${column}: ${message}`, missing: false };
}

export function keywordWarning(file: string, { marker, line }: { marker: string; line: number }): Warning {
  const message = `${marker} is left as it is: the environment has no such value`;
  return { code: 'unknown_keyword', message, file, line };
}

async function findScripts(folder: string): Promise<Record<string, string>> {
  const names = await namesIn(folder);
  const found = actionNames.filter((action) => names?.includes(`${action}.js`));
  return Object.fromEntries(found.map((action) => [action, `${action}.js`]));
}

/** `undefined`: there is no such directory, or it cannot be read. */
async function namesIn(folder: string): Promise<string[] | undefined> {
  return readdir(folder).catch(() => undefined);
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
