import { posix } from 'node:path';
import type { ScriptDefinition } from '../../sandbox/contract/definition.ts';
import type { LoadedScript, Problem } from './connection.ts';
import { loadHelpers, type ScriptHelpers } from './load-helpers.ts';
import {
  type CompiledScript,
  compileScript,
  readScript,
  type ScriptProblem,
  type ScriptSettings,
  type ScriptSource,
  unusableScript,
} from './load-script.ts';
import type { HelperReader } from './read-helper.ts';
import type { ConnectionSource } from './read-sources.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** The last version of a script that could be run: its source and the files it was run with. */
export interface GoodScript {
  source: ScriptSource;
  helpers: ScriptHelpers;
}

export interface AskedScript {
  path: string;
  previous: GoodScript | undefined;
  connection: ConnectionSource;
}

export interface ConnectionScriptSettings {
  root: string;
  replace: KeywordReplacer;
  readHelper: HelperReader;
  fileOf(path: string): string;
}

export interface ScriptResult {
  loaded: LoadedScript;
  definition?: ScriptDefinition;
  good?: GoodScript;
  problem?: Omit<Problem, 'connection'>;
}

/** Loads a script with its helper files; one that cannot be run gives way to the last version that could. */
export async function loadConnectionScript(
  { path, previous, connection }: AskedScript,
  script: ScriptSettings,
  settings: ConnectionScriptSettings,
): Promise<ScriptResult> {
  const read = await readScript(settings.root, connection.scriptFolder, path, settings.replace);
  const source = 'source' in read ? read.source : undefined;
  const compiled = source ? await compileWhole(source, script, settings) : read;
  if ('good' in compiled) return compiled;
  const { problem } = compiled as { problem: ScriptProblem };
  const kept = previous && keep(previous, script);
  const place = source
    ? { file: problem.within?.path ?? source.path, path: '' }
    : {
        file: connection.file,
        path: [connection.path, 'options.customScripts', script.action].filter(Boolean).join('.'),
      };
  const told = { ...place, message: withPlace(problem), keepsLastGood: kept !== undefined };
  if (kept) return { ...kept, problem: told };
  return { loaded: unusableScript(script, problem, source), problem: told };
}

async function compileWhole(
  source: ScriptSource,
  script: ScriptSettings,
  { readHelper, fileOf }: ConnectionScriptSettings,
): Promise<Required<Omit<ScriptResult, 'problem'>> | { problem: ScriptProblem }> {
  const compiled = compileScript(source, script);
  if ('problem' in compiled) return compiled;
  const { relative } = compiled;
  const folder = posix.dirname(source.path);
  const helpers = await loadHelpers({ source, relative }, { folder, fileOf, read: readHelper });
  if ('problem' in helpers) return helpers;
  return { ...withHelpers(compiled, helpers), good: { source, helpers } };
}

function keep(good: GoodScript, script: ScriptSettings) {
  const compiled = compileScript(good.source, script);
  return 'problem' in compiled ? undefined : { ...withHelpers(compiled, good.helpers), good };
}

function withHelpers({ loaded, definition }: CompiledScript, { files, warnings }: ScriptHelpers) {
  if (files.length === 0 && warnings.length === 0) return { loaded, definition };
  const requires = [...new Set([definition.requires, ...files.map((file) => file.requires)].flat())];
  const helpers = files.map(({ file, sha256 }) => ({ file, sha256 }));
  return {
    loaded: {
      ...loaded,
      ...(helpers.length > 0 ? { helpers } : {}),
      warnings: [...loaded.warnings, ...warnings],
    },
    definition: { ...definition, requires },
  };
}

function withPlace({ message, line, column }: ScriptProblem): string {
  return line === undefined ? message : `line ${line}, column ${column}: ${message}`;
}
