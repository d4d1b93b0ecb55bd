import { posix } from 'node:path';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import type { ScriptDefinition } from '../../sandbox/contract/definition.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { buildConnection } from './build-connection.ts';
import type { Connection, LoadedScript, Problem } from './connection.ts';
import { ConnectionFile } from './connection-schema.ts';
import {
  compileScript,
  readScript,
  type ScriptSettings,
  type ScriptSource,
  unusableScript,
} from './load-script.ts';
import type { ConnectionSource } from './read-sources.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** A connection that is served, with the sources it may have to fall back on. */
export interface ServedConnection {
  key: string;
  file: string;
  connection: Connection;
  /** The last source of each script that could be run. */
  goodScripts: Map<ActionName, ScriptSource>;
}

export interface LoadSettings {
  root: string;
  replace: KeywordReplacer;
  modules: ModuleTable;
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
  const checked = ConnectionFile.safeParse(source.value);
  if (!checked.success) {
    const name = (source.value as { name?: unknown } | null)?.name;
    const problems = checked.error.issues.map((issue) => ({
      file: source.file,
      path: [source.path, ...issue.path.map(String)].filter((part) => part !== '').join('.'),
      message: issue.message,
      ...(typeof name === 'string' ? { connection: name } : {}),
      keepsLastGood: previous !== undefined,
    }));
    return { problems };
  }
  const description = checked.data;
  const paths = scriptPaths(description, source);
  const problems: Problem[] = [];
  const scripts: Partial<Record<ActionName, LoadedScript>> = {};
  const definitions: ScriptDefinition[] = [];
  const goodScripts = new Map<ActionName, ScriptSource>();
  for (const [action, path] of paths) {
    const asked: AskedScript = { path, previous: previous?.goodScripts.get(action), source };
    const scriptSettings: ScriptSettings = {
      action,
      file: `${description.name}/${shownName(action, path, paths)}`,
      contextEnabled: description.options?.enable_script_context === true,
      modules: settings.modules,
    };
    const script = await loadScript(asked, scriptSettings, settings);
    scripts[action] = script.loaded;
    if (script.definition) definitions.push(script.definition);
    if (script.good) goodScripts.set(action, script.good);
    if (script.problem) problems.push({ ...script.problem, connection: description.name });
  }
  const { key, file, warnings } = source;
  const connection = buildConnection({ description, file, scripts, definitions, warnings });
  return { served: { key, file, connection, goodScripts }, problems };
}

interface AskedScript {
  path: string;
  previous: ScriptSource | undefined;
  source: ConnectionSource;
}

interface ScriptResult {
  loaded: LoadedScript;
  definition?: ScriptDefinition;
  good?: ScriptSource;
  problem?: Omit<Problem, 'connection'>;
}

async function loadScript(
  { path, previous, source }: AskedScript,
  script: ScriptSettings,
  { root, replace }: LoadSettings,
): Promise<ScriptResult> {
  const read = await readScript(root, source.scriptFolder, path, replace);
  const compiled = 'source' in read ? compileScript(read.source, script) : { problem: read.problem };
  if ('loaded' in compiled) return { ...compiled, ...('source' in read ? { good: read.source } : {}) };
  const lastGood = previous && compileScript(previous, script);
  const problem = {
    file: 'source' in read ? read.path : source.file,
    path:
      'source' in read ? '' : [source.path, 'options.customScripts', script.action].filter(Boolean).join('.'),
    message: withPlace(compiled.problem),
    keepsLastGood: lastGood !== undefined && 'loaded' in lastGood,
  };
  if (lastGood && 'loaded' in lastGood) return { ...lastGood, good: previous, problem };
  const loaded = unusableScript(script, compiled.problem, 'source' in read ? read.source : undefined);
  return { loaded, problem };
}

function withPlace({ message, line, column }: { message: string; line?: number; column?: number }): string {
  return line === undefined ? message : `line ${line}, column ${column}: ${message}`;
}

type ScriptPaths = ReadonlyMap<ActionName, string>;

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
