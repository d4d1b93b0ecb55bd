import { shownPath } from '../../sandbox/contract/helper-paths.ts';
import type { RelativeRequire } from '../scripts/find-requires.ts';
import type { Warning } from './connection.ts';
import { MAX_SCRIPT_BYTES, type ScriptProblem, type ScriptSource } from './load-script.ts';
import type { CheckedHelper, HelperReader } from './read-helper.ts';

/** A file among those that require one another. */
export interface LinkedFile {
  /** What stacks show and lookups go by: `acme/lib/hash.js`. */
  file: string;
  /** What its relative requires found: the `file` of each, by request. */
  links: ReadonlyMap<string, string>;
}

/** A helper file as it will run. Holds secrets where keywords were replaced. */
export interface HelperSource extends LinkedFile, Omit<CheckedHelper, 'relative'> {}

/** The files that a script requires by relative paths, and that these do. */
export interface ScriptHelpers extends LinkedFile {
  files: readonly HelperSource[];
  /** Of the script's own relative requires. */
  warnings: Warning[];
}

/** For a script and all of its helper files together; each is held to a script's own limit as well. */
const MAX_TOGETHER_BYTES = 10 * MAX_SCRIPT_BYTES;
/** As many files as that is of 5 KB. */
const MAX_HELPERS = 200;

export interface AskingScript {
  source: ScriptSource;
  relative: readonly RelativeRequire[];
}

export interface LoadHelpersSettings {
  /** The script's own; no helper file lies outside. Relative to the root. */
  folder: string;
  fileOf(path: string): string;
  read: HelperReader;
}

interface Asking {
  path: string;
  file: string;
  relative: readonly RelativeRequire[];
  links: Map<string, string>;
  warnings: Warning[];
}

/** Finds the helper files of a script; a file may require itself and those that require it, as in Node. */
export async function loadHelpers(
  { source, relative }: AskingScript,
  { folder, fileOf, read }: LoadHelpersSettings,
): Promise<ScriptHelpers | { problem: ScriptProblem }> {
  const found = new Map<string, HelperSource>();
  const script = asking(source.path, relative, []);
  const waiting = [script];
  let bytes = Buffer.byteLength(source.text);
  for (const from of waiting) {
    for (const wanted of from.relative) {
      const reading = await read(wanted.request, from.path, folder);
      if ('refused' in reading) {
        const message = `require('${wanted.request}') finds nothing: ${reading.refused}`;
        if (!wanted.guarded) return { problem: at(from, wanted, message) };
        from.warnings.push({ code: 'helper_missing', message, file: from.path, line: wanted.line });
        continue;
      }
      if ('problem' in reading) return { problem: within(reading.path, reading.problem, from, wanted) };
      const { helper } = reading;
      const file = fileOf(helper.path);
      from.links.set(wanted.request, file);
      if (found.has(helper.path)) continue;
      bytes += Buffer.byteLength(helper.text);
      if (bytes > MAX_TOGETHER_BYTES || found.size === MAX_HELPERS) {
        return { problem: at(from, wanted, tooMuch(file, bytes)) };
      }
      const next = asking(helper.path, helper.relative, helper.warnings);
      const { relative: _, ...checked } = helper;
      found.set(helper.path, { ...checked, file, links: next.links, warnings: next.warnings });
      waiting.push(next);
    }
  }
  const { file, links, warnings } = script;
  return { file, links, warnings, files: [...found.values()] };

  function asking(path: string, requires: readonly RelativeRequire[], known: readonly Warning[]): Asking {
    return { path, file: fileOf(path), relative: requires, links: new Map(), warnings: [...known] };
  }

  /** A mistake in a require is one of the file that it stands in. */
  function at({ path, file }: Asking, { line, column }: RelativeRequire, message: string): ScriptProblem {
    return { message, line, column, ...(path === source.path ? {} : { within: { path, file } }) };
  }

  function within(path: string, problem: ScriptProblem, { file }: Asking, by: RelativeRequire) {
    const message = `${problem.message}; the file is required by ${file}:${by.line}:${by.column}`;
    return { ...problem, message, within: { path, file: fileOf(path) } };
  }
}

function tooMuch(file: string, bytes: number): string {
  if (bytes <= MAX_TOGETHER_BYTES) return `With ${file} the script has more than ${MAX_HELPERS} helper files`;
  const limit = `${MAX_TOGETHER_BYTES} (1,000 KB)`;
  return `With ${file} the script and its helper files have ${bytes} bytes together; the limit is ${limit}`;
}

/** Names files as stacks show them: the connection, then the way from the folder that holds all of its scripts. */
export function nameFiles(connection: string, scriptPaths: readonly string[]): (path: string) => string {
  const folders = scriptPaths.map((path) => path.split('/').slice(0, -1));
  const [first = [], ...others] = folders;
  const differs = first.findIndex((part, index) => others.some((other) => other[index] !== part));
  const depth = differs === -1 ? first.length : differs;
  return (path) => `${connection}/${shownPath(path.split('/').slice(depth).join('/'))}`;
}
