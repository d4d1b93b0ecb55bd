import { createHash } from 'node:crypto';
import { join, posix } from 'node:path';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ScriptDefinition } from '../../sandbox/contract/definition.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { analyseScript } from '../scripts/analyse-script.ts';
import type { LoadedScript, Warning } from './connection.ts';
import { readFileInside } from './read-file-inside.ts';
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
  line?: number;
  column?: number;
}

/** Auth0's limit for a script, modules excluded. It counts for the source as it will run. */
export const MAX_SCRIPT_BYTES = 100 * 1024;

export async function readScript(
  root: string,
  folder: string,
  path: string,
  replace: KeywordReplacer,
): Promise<{ path: string; source: ScriptSource } | { path: string; problem: ScriptProblem; named: true }> {
  // Exports made on Windows have backslashes.
  const asked = path.replaceAll('\\', '/');
  const relative = posix.normalize(posix.isAbsolute(asked) ? asked : posix.join(folder, asked));
  const read = await readFileInside(root, posix.isAbsolute(asked) ? asked : join(folder, asked));
  if ('reason' in read) {
    const message = asked.includes('\n') ? 'must be the path of a file' : `${asked} ${read.message}`;
    return { path: relative, problem: { message }, named: true };
  }
  const { text, unknown } = replace(read.text);
  return {
    path: relative,
    source: {
      path: relative,
      text,
      sha256: createHash('sha256').update(read.bytes).digest('hex'),
      bytes: read.bytes.length,
      warnings: unknown.map((each) => keywordWarning(relative, each)),
    },
  };
}

export interface ScriptSettings {
  action: ActionName;
  /** What stacks show. */
  file: string;
  contextEnabled: boolean;
  modules: ModuleTable;
}

/** Checks a source and says how it is to be run. */
export function compileScript(
  source: ScriptSource,
  { action, file, contextEnabled, modules }: ScriptSettings,
): { loaded: LoadedScript; definition: ScriptDefinition } | { problem: ScriptProblem } {
  const bytes = Buffer.byteLength(source.text);
  if (bytes > MAX_SCRIPT_BYTES) {
    const message = `The script has ${bytes} bytes; the limit is ${MAX_SCRIPT_BYTES} (100 KB)`;
    return { problem: { message } };
  }
  const analysed = analyseScript(source.text, action, { contextEnabled, modules });
  if ('problem' in analysed) return analysed;
  const { entry, requires, arguments: form, warnings } = analysed;
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
  };
}

/** A script that cannot be run; the connection's other scripts can. */
export function unusableScript(
  { action, file, contextEnabled }: ScriptSettings,
  problem: ScriptProblem,
  source: ScriptSource | undefined,
): LoadedScript {
  return {
    action,
    file,
    sha256: source?.sha256 ?? '',
    bytes: source?.bytes ?? 0,
    arguments: contextEnabled ? 'context' : 'plain',
    problem,
    warnings: source?.warnings ?? [],
  };
}
