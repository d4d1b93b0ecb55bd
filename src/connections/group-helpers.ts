import { candidatePaths, shownPath } from '../../sandbox/contract/helper-paths.ts';
import type { HelperSource, LinkedFile, ScriptHelpers } from './load-helpers.ts';

interface HelperSet {
  files: Map<string, HelperSource>;
  /** The files and the scripts. */
  linked: LinkedFile[];
}

/**
 * Puts the files of scripts into sets, within which each file is there once and every require finds what it found at
 * load. All go into one, but for scripts that are kept with files of an earlier reading.
 */
export function groupHelpers<Key>(scripts: Iterable<[Key, ScriptHelpers]>): {
  sets: HelperSource[][];
  setOf: Map<Key, number>;
} {
  const sets: HelperSet[] = [];
  const setOf = new Map<Key, number>();
  for (const [key, helpers] of scripts) {
    let number = sets.findIndex((set) => fits(set, helpers));
    if (number === -1) number = sets.push({ files: new Map(), linked: [] }) - 1;
    add(sets[number]!, helpers);
    setOf.set(key, number);
  }
  return { sets: sets.map(({ files }) => [...files.values()]), setOf };
}

function add({ files, linked }: HelperSet, helpers: ScriptHelpers): void {
  for (const helper of helpers.files) if (!files.has(helper.file)) files.set(helper.file, helper);
  linked.push(helpers, ...helpers.files);
}

function fits({ files, linked }: HelperSet, helpers: ScriptHelpers): boolean {
  const same = ({ file, text }: HelperSource) => (files.get(file)?.text ?? text) === text;
  if (!helpers.files.every(same)) return false;
  const together = new Set([...files.keys(), ...helpers.files.map(({ file }) => file)]);
  const finds = ({ file, links }: LinkedFile) =>
    [...links].every(([request, target]) => {
      const found = candidatePaths(shownPath(request), file).find((path) => together.has(path));
      return found === target;
    });
  return [helpers, ...helpers.files, ...linked].every(finds);
}
