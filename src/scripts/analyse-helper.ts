import type { ModuleTable } from '../../sandbox/contract/modules.ts';
import { moduleWarnings, type ScriptWarning } from './analyse-script.ts';
import { findRequires, type RelativeRequire } from './find-requires.ts';
import { findFreeNames } from './free-names.ts';
import { globalWarnings, namesToLookFor } from './legacy-globals.ts';
import { type ParsedSource, parseHelper, type SyntaxProblem } from './parse-source.ts';

export interface AnalysedHelper {
  /** Of modules. */
  requires: string[];
  /** Of files. */
  relative: RelativeRequire[];
  warnings: ScriptWarning[];
}

/** What the service must know of a file that scripts require, and what its author should know. Runs nothing. */
export function analyseHelper(
  source: string,
  modules: ModuleTable,
): AnalysedHelper | { problem: SyntaxProblem } {
  const parsed = parseHelper(source);
  return 'problem' in parsed ? parsed : analyseParsedHelper(parsed, modules);
}

/** As `analyseHelper`, of a source that is parsed already. */
export function analyseParsedHelper(parsed: ParsedSource, modules: ModuleTable): AnalysedHelper {
  const { requires, relative } = findRequires(parsed);
  const freeNames = findFreeNames(parsed.root, new Set(namesToLookFor(modules))).map(({ name, node }) => ({
    name,
    line: parsed.placeOf(node).line,
  }));
  return {
    requires: requires.map(({ request }) => request),
    relative,
    warnings: [...moduleWarnings({ requires }, modules), ...globalWarnings({ freeNames }, modules)],
  };
}
