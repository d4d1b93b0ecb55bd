import { createHash } from 'node:crypto';
import { posix, relative, sep } from 'node:path';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ScriptDefinition } from '../../sandbox/contract/definition.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { analyseScript } from '../scripts/analyse-script.ts';
import type { RelativeRequire } from '../scripts/find-requires.ts';
import type { LoadedScript, Warning } from './connection.ts';
import { type ReadFile, readFileInside } from './read-file-inside.ts';
import { keywordWarning } from './read-sources.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** A script's source as it will run, with what is told of its file. Holds secrets where keywords were replaced. */
export interface ScriptSource {
  /** Relative to the root. */
  path: string;
  text: string;
  /** Of the file as it lies on disk. */
  sha256: string;
  bytes: number;
  warnings: Warning[];
}

export interface ScriptProblem {
  message: string;
  /** The file it is in, where that is not the script: relative to the root, and as stacks show it. */
  within?: { path: string; file: string };
  line?: number;
  column?: number;
}

/** Auth0's limit for a script, modules excluded. It counts for the source as it will run. */
export const MAX_SCRIPT_BYTES = 100 * 1024;

/** What a text has too many of, if it has. */
export function tooLarge(what: string, text: string): string | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_SCRIPT_BYTES) return undefined;
  return `The ${what} has ${bytes} bytes; the limit is ${MAX_SCRIPT_BYTES} (100 KB)`;
}

/** Exports made on Windows have backslashes. */
export const withSlashes = (path: string) => path.replaceAll('\\', '/');

/** Where a script lies that `customScripts` names, relative to the root. */
export function scriptPath(root: string, folder: string, path: string): string {
  const asked = withSlashes(path);
  if (posix.isAbsolute(asked)) return relative(root, asked).replaceAll(sep, '/');
  return posix.join(folder, asked);
}

export async function readScript(
  root: string,
  folder: string,
  asked: string,
  replace: KeywordReplacer,
): Promise<{ path: string; source: ScriptSource } | { path: string; problem: ScriptProblem; named: true }> {
  const path = scriptPath(root, folder, asked);
  const read = await readFileInside(root, path);
  if ('reason' in read) {
    const message = asked.includes('\n')
      ? 'must be the path of a file'
      : `${withSlashes(asked)} ${read.message}`;
    return { path, problem: { message }, named: true };
  }
  return { path, source: sourceOf(path, read, replace) };
}

export function sourceOf(path: string, read: ReadFile, replace: KeywordReplacer): ScriptSource {
  const { text, unknown } = replace(read.text);
  return {
    path,
    text,
    sha256: createHash('sha256').update(read.bytes).digest('hex'),
    bytes: read.bytes.length,
    warnings: unknown.map((each) => keywordWarning(path, each)),
  };
}

export interface ScriptSettings {
  action: ActionName;
  /** What stacks show. */
  file: string;
  contextEnabled: boolean;
  modules: ModuleTable;
}

export interface CompiledScript {
  loaded: LoadedScript;
  definition: ScriptDefinition;
  /** The files that it requires. */
  relative: RelativeRequire[];
}

/** Checks a source and says how it is to be run. */
export function compileScript(
  source: ScriptSource,
  { action, file, contextEnabled, modules }: ScriptSettings,
): CompiledScript | { problem: ScriptProblem } {
  const message = tooLarge('script', source.text);
  if (message !== undefined) return { problem: { message } };
  const analysed = analyseScript(source.text, action, { contextEnabled, modules });
  if ('problem' in analysed) return analysed;
  const { entry, requires, relative, arguments: form, warnings } = analysed;
  return {
    loaded: {
      action,
      file,
      sha256: source.sha256,
      bytes: source.bytes,
      arguments: form,
      warnings: [...source.warnings, ...warnings.map((warning) => ({ ...warning, file: source.path }))],
    },
    definition: { action, file, source: source.text, entry, requires },
    relative,
  };
}

/** A script that cannot be run; the connection's other scripts can. */
export function unusableScript(
  { action, file, contextEnabled }: ScriptSettings,
  { within, ...problem }: ScriptProblem,
  source: ScriptSource | undefined,
): LoadedScript {
  const unusable: LoadedScript = {
    action,
    file,
    sha256: source?.sha256 ?? '',
    bytes: source?.bytes ?? 0,
    arguments: contextEnabled ? 'context' : 'plain',
    problem: { ...problem, ...(within ? { file: within.file } : {}) },
    warnings: source?.warnings ?? [],
  };
  return source ? Object.defineProperty(unusable, 'source', { value: source.text }) : unusable;
}
