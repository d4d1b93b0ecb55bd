import { posix } from 'node:path';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import type { ScriptDefinition } from '../../sandbox/contract/definition.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import type { Cipher } from '../encryption/create-cipher.ts';
import { buildConnection, type ConnectionParts } from './build-connection.ts';
import type { Connection, LoadedScript, Problem } from './connection.ts';
import { ConnectionFile } from './connection-schema.ts';
import { decryptConfiguration } from './decrypt-configuration.ts';
import { groupHelpers } from './group-helpers.ts';
import { type AskedScript, type GoodScript, loadConnectionScript } from './load-connection-script.ts';
import { nameFiles } from './load-helpers.ts';
import { type ScriptSettings, scriptPath, withSlashes } from './load-script.ts';
import { attachShadow, findShadowScripts, type ScriptPaths, shadowName } from './load-shadow.ts';
import { createHelperReader } from './read-helper.ts';
import type { ConnectionSource } from './read-sources.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** A connection that is served, with the sources it may have to fall back on. */
export interface ServedConnection {
  key: string;
  file: string;
  connection: Connection;
  /** The last version of each script that could be run. */
  goodScripts: Map<ActionName, GoodScript>;
}

export interface LoadSettings {
  root: string;
  replace: KeywordReplacer;
  modules: ModuleTable;
  /** Reads configuration values that are encrypted. */
  cipher: Pick<Cipher, 'decrypt'>;
}

/** `options.egress.allow[1]` */
function pathText(base: string, path: readonly PropertyKey[]): string {
  const text = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return `${base}${text}`.replace(/^\./, '');
}

/** What came of one connection's files; without `served`, the whole of it cannot be served. */
export interface LoadResult {
  served?: ServedConnection;
  problems: Problem[];
}

/**
 * Checks a connection and reads its scripts. A script that cannot be run is replaced by the last version of `previous`
 * that could, under the new options; without one it is a problem of this script alone.
 */
export async function loadConnection(
  source: ConnectionSource,
  previous: ServedConnection | undefined,
  settings: LoadSettings,
): Promise<LoadResult> {
  const read = readDescription(source, settings.cipher);
  if ('mistakes' in read) {
    const name = (source.value as { name?: unknown } | null)?.name;
    const problems = read.mistakes.map(({ path, message }) => ({
      file: source.file,
      path: pathText(source.path, path),
      message,
      ...(typeof name === 'string' ? { connection: name } : {}),
      keepsLastGood: previous !== undefined,
    }));
    return { problems };
  }
  const { description } = read;
  const loaded = await loadScripts(
    { description, source, paths: scriptPaths(description, source) },
    previous,
    settings,
  );
  return withShadow(loaded, description, source, settings);
}

interface DescribedScripts {
  description: ConnectionFile;
  source: ConnectionSource;
  paths: ScriptPaths;
  shadowOf?: string;
}

async function loadScripts(
  { description, source, paths, shadowOf }: DescribedScripts,
  previous: ServedConnection | undefined,
  settings: LoadSettings,
): Promise<Required<LoadResult>> {
  const problems: Problem[] = [];
  const scripts: Partial<Record<ActionName, LoadedScript>> = {};
  const definitions: ScriptDefinition[] = [];
  const goodScripts = new Map<ActionName, GoodScript>();
  const scriptFiles = [...paths.values()].map((path) => scriptPath(settings.root, source.scriptFolder, path));
  const scriptSettings = {
    ...settings,
    readHelper: createHelperReader(settings),
    fileOf: nameFiles(description.name, scriptFiles),
  };
  for (const [action, path] of paths) {
    const asked: AskedScript = { path, previous: previous?.goodScripts.get(action), connection: source };
    const expected: ScriptSettings = {
      action,
      file: `${description.name}/${shownName(action, path, paths)}`,
      contextEnabled: description.options?.enable_script_context === true,
      modules: settings.modules,
    };
    const script = await loadConnectionScript(asked, expected, scriptSettings);
    scripts[action] = script.loaded;
    if (script.definition) definitions.push(script.definition);
    if (script.good) goodScripts.set(action, script.good);
    if (script.problem) addProblem(problems, { ...script.problem, connection: description.name });
  }
  const { key, file } = source;
  const helped = withHelperSets(definitions, goodScripts);
  const warnings = [...source.warnings, ...helped.warnings];
  const connection = buildConnection({ shadowOf, description, file, scripts, ...helped, warnings });
  return { served: { key, file, connection, goodScripts }, problems };
}

/** A second version is a connection too, of the scripts that `options.shadow` has a file for. */
async function withShadow(
  loaded: Required<LoadResult>,
  description: ConnectionFile,
  source: ConnectionSource,
  settings: LoadSettings,
): Promise<LoadResult> {
  const { shadow, ...options } = description.options ?? {};
  if (!shadow) return loaded;
  const folder = posix.join(source.scriptFolder, withSlashes(shadow.dir));
  const { paths, message } = await findShadowScripts(
    settings.root,
    folder,
    scriptPaths(description, source),
    shadow,
  );
  const { connection } = loaded.served;
  if (message !== undefined) {
    const path = [source.path, 'options.shadow.dir'].filter(Boolean).join('.');
    const problem = { file: source.file, path, message, connection: connection.name, keepsLastGood: false };
    return { ...loaded, problems: [...loaded.problems, problem] };
  }
  const described = {
    description: { ...description, name: shadowName(description.name), options },
    source: { ...source, scriptFolder: folder, warnings: [] },
    paths,
    shadowOf: description.name,
  };
  const second = await loadScripts(described, undefined, settings);
  const problems = second.problems.map((problem) => ({ ...problem, connection: connection.name }));
  const served = { ...loaded.served, connection: attachShadow(connection, second.served.connection) };
  return { served, problems: [...loaded.problems, ...problems] };
}

type Description = { description: ConnectionFile } | { mistakes: { path: PropertyKey[]; message: string }[] };

/** The connection's file, checked and with its configuration values in clear. */
function readDescription(source: ConnectionSource, cipher: LoadSettings['cipher']): Description {
  const checked = ConnectionFile.safeParse(source.value);
  if (!checked.success) {
    return {
      mistakes: checked.error.issues.map(({ path, message }) => ({ path, message })),
    };
  }
  const { name, options } = checked.data;
  if (!options?.configuration) return { description: checked.data };
  const { configuration, mistakes } = decryptConfiguration(name, options.configuration, cipher);
  if (mistakes.length > 0) {
    return {
      mistakes: mistakes.map(({ key, message }) => ({ path: ['options', 'configuration', key], message })),
    };
  }
  return { description: { ...checked.data, options: { ...options, configuration } } };
}

/** A mistake in a file that several scripts require is told once. */
function addProblem(problems: Problem[], problem: Problem): void {
  const text = JSON.stringify(problem);
  if (!problems.some((each) => JSON.stringify(each) === text)) problems.push(problem);
}

/**
 * The definitions with the helper files, each of which is there once, as are its warnings. Scripts that name none get
 * them too, where there are any: a path that is put together at run time finds what others require by a literal.
 */
function withHelperSets(
  definitions: readonly ScriptDefinition[],
  goodScripts: ReadonlyMap<ActionName, GoodScript>,
): Pick<ConnectionParts, 'definitions' | 'helperSets' | 'warnings'> {
  const helpersOf = new Map([...goodScripts].map(([action, { helpers }]) => [action, helpers]));
  const { sets, setOf } = groupHelpers(helpersOf);
  if (sets.flat().length === 0) return { definitions: [...definitions], helperSets: [], warnings: [] };
  const warnings = new Map(
    sets.flat().flatMap((each) => each.warnings.map((warning) => [JSON.stringify(warning), warning])),
  );
  return {
    definitions: definitions.map((definition) => {
      const set = setOf.get(definition.action);
      const from = helpersOf.get(definition.action)?.file;
      return set === undefined || from === undefined ? definition : { ...definition, helpers: { set, from } };
    }),
    helperSets: sets.map((set) => set.map(({ file, text }) => ({ file, source: text }))),
    warnings: [...warnings.values()],
  };
}

function scriptPaths(
  { options, customScripts }: ConnectionFile,
  { foundScripts }: ConnectionSource,
): ScriptPaths {
  const named = options?.customScripts ?? customScripts ?? foundScripts;
  const paths = new Map<ActionName, string>();
  for (const action of actionNames) {
    const path = (named as Partial<Record<ActionName, string>>)[action];
    if (path !== undefined) paths.set(action, path);
  }
  return paths;
}

/** The file's own name, unless it would be another script's too or break the form of a stack's frames. */
function shownName(action: ActionName, path: string, paths: ScriptPaths): string {
  const nameOf = (each: string) => posix.basename(each.replaceAll('\\', '/'));
  const name = nameOf(path);
  const sharers = [...paths.values()].filter((each) => nameOf(each) === name);
  return sharers.length === 1 && /^[\w.-]+$/.test(name) ? name : `${action}.js`;
}
