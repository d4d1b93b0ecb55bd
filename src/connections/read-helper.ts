import { candidatePaths } from '../../sandbox/contract/helper-paths.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { analyseHelper } from '../scripts/analyse-helper.ts';
import type { RelativeRequire } from '../scripts/find-requires.ts';
import { type ScriptProblem, type ScriptSource, sourceOf, tooLarge } from './load-script.ts';
import { parseJson } from './parse-text.ts';
import { type ReadFailure, type ReadFile, readFileInside } from './read-file-inside.ts';
import type { KeywordReplacer } from './replace-keywords.ts';

/** A helper file that can be run, with what it requires itself. */
export interface CheckedHelper extends ScriptSource {
  /** Of modules. */
  requires: string[];
  /** Of files. */
  relative: RelativeRequire[];
}

export type HelperReading =
  | { helper: CheckedHelper }
  /** There is a file, and it cannot be run. */
  | { path: string; problem: ScriptProblem }
  /** There is none to be had. */
  | { refused: string };

/** Reads what a request of the file `from` means, from a folder and what is below it. Paths are relative to the root. */
export type HelperReader = (request: string, from: string, folder: string) => Promise<HelperReading>;

export interface HelperReaderSettings {
  root: string;
  replace: KeywordReplacer;
  modules: ModuleTable;
}

/** Reads and parses each file once, however many scripts require it. */
export function createHelperReader({ root, replace, modules }: HelperReaderSettings): HelperReader {
  const readings = new Map<string, Promise<HelperReading | undefined>>();

  async function read(path: string, folder: string): Promise<HelperReading | undefined> {
    const file = await readFileInside(root, path, folder);
    if ('reason' in file) return failed(path, file);
    return checked(path, file);
  }

  function checked(path: string, file: ReadFile): HelperReading {
    const source = sourceOf(path, file, replace);
    const message = tooLarge('file', source.text);
    if (message !== undefined) return { path, problem: { message } };
    if (path.endsWith('.json')) {
      const parsed = parseJson(source.text);
      if ('mistake' in parsed) return { path, problem: parsed.mistake };
      return { helper: { ...source, requires: [], relative: [] } };
    }
    const analysed = analyseHelper(source.text, modules);
    if ('problem' in analysed) return { path, problem: analysed.problem };
    const { requires, relative, warnings } = analysed;
    const placed = warnings.map((warning) => ({ ...warning, file: path }));
    return { helper: { ...source, requires, relative, warnings: [...source.warnings, ...placed] } };
  }

  return async (request, from, folder) => {
    const candidates = candidatePaths(request, from);
    if (candidates.length === 0) return { refused: outside };
    for (const path of candidates) {
      const key = JSON.stringify([folder, path]);
      const reading = readings.get(key) ?? read(path, folder);
      readings.set(key, reading);
      const found = await reading;
      if (found) return found;
    }
    return { refused: missing };
  };
}

const missing =
  'there is no such file, nor one with .js, .json or .cjs behind the name, nor an index.js in a folder of that name; ' +
  'main of a package.json is not looked at';
const outside = "it lies outside of the script's folder, and helper files must lie in it or below";

/** `undefined`: another candidate may do. */
function failed(path: string, { reason, message }: ReadFailure): HelperReading | undefined {
  switch (reason) {
    case 'missing':
    case 'not_a_file':
      return undefined;
    case 'outside':
      return { refused: outside };
    case 'too_large':
    case 'unreadable':
      return { path, problem: { message: `The file ${message}` } };
    default:
      return reason satisfies never;
  }
}
