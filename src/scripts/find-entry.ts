import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { ScriptEntry } from '../../sandbox/contract/definition.ts';
import { contracts, parameterNames } from './contracts.ts';
import { type FoundRequire, findRequires, type RelativeRequire } from './find-requires.ts';
import { findFreeNames } from './free-names.ts';
import { type ParsedSource, parseSource, type SyntaxProblem } from './parse-source.ts';
import { type PickedEntry, pickEntry } from './pick-entry.ts';
import { readTopLevel, type TopLevel } from './top-level.ts';
import { walk } from './walk.ts';

export interface FoundEntry {
  entry: ScriptEntry;
  /** How many parameters the entry declares; `unknown` with a rest parameter and where it is made at run time. */
  parameters: number | 'unknown';
  /** Of modules, each once. */
  requires: FoundRequire[];
  /** Of files, each once. */
  relative: RelativeRequire[];
  /** Each of the names asked for that is used though the source does not declare it, with its first line. */
  freeNames: { name: string; line: number }[];
}

/**
 * Finds the function of a script that is to be called, by parsing the source as it will be run: in a function of its
 * own. Never runs anything. A `problem` says why the script cannot be run.
 */
export function findEntry(
  source: string,
  action: ActionName,
  namesToLookFor: readonly string[] = [],
): FoundEntry | { problem: SyntaxProblem } {
  const parsed = parseSource(source);
  return 'problem' in parsed ? parsed : findEntryIn(parsed, action, namesToLookFor);
}

/** As `findEntry`, of a source that is parsed already. */
export function findEntryIn(
  parsed: ParsedSource,
  action: ActionName,
  namesToLookFor: readonly string[],
): FoundEntry | { problem: SyntaxProblem } {
  const top = readTopLevel(parsed);
  const picked = pickEntry(top, contracts[action].entryNames) ?? exportedFromWithin(parsed);
  if (!picked) return { problem: noFunction(action) };
  return {
    ...picked,
    entry: isWholeSource(parsed, top, picked) ? { form: 'expression' } : picked.entry,
    ...findRequires(parsed),
    freeNames: findFreeNames(parsed.root, new Set(namesToLookFor)).map(({ name, node }) => ({
      name,
      line: parsed.placeOf(node).line,
    })),
  };
}

/** A bundle without anything at its top level, such as a UMD one, may still export a function when it has run. */
function exportedFromWithin({ root }: ParsedSource): PickedEntry | undefined {
  let mentioned = false;
  walk(root, (node) => {
    if (node.type === 'Identifier' && /^(module|exports)$/.test(node.name)) mentioned = true;
  });
  return mentioned ? { entry: { form: 'exports' }, parameters: 'unknown' } : undefined;
}

function isWholeSource({ statements }: ParsedSource, { lone }: TopLevel, { entry }: PickedEntry): boolean {
  const [only] = statements;
  if (statements.length !== 1 || !only || lone[0]?.node !== only || entry.form !== 'statement') return false;
  // Parentheses and semicolons around the function would not stand inside further parentheses.
  return only.type === 'FunctionDeclaration' || ('expression' in only && endOf(only.expression) === only.end);
}

function endOf(expression: unknown): number | undefined {
  return (expression as { end?: number }).end;
}

function noFunction(action: ActionName): SyntaxProblem {
  const [name] = contracts[action].entryNames;
  const example = `function ${name}(${parameterNames(action, 'plain').join(', ')}) {…}`;
  return {
    message: `The script defines no function that could be called, such as ${example}`,
    line: 1,
    column: 1,
  };
}
