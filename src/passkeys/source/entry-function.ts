import type { AnyNode } from 'acorn';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { contracts } from '../../scripts/contracts.ts';
import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import type { ParsedSource } from '../../scripts/parse-source.ts';
import { pickEntry } from '../../scripts/pick-entry.ts';
import { readTopLevel, type TopLevel } from '../../scripts/top-level.ts';

/** The function that is called, where it stands written out in the source; none where it is made at run time. */
export function entryFunction(parsed: ParsedSource, action: ActionName): FunctionNode | undefined {
  const top = readTopLevel(parsed);
  const entry = pickEntry(top, contracts[action].entryNames)?.entry;
  if (!entry) return undefined;
  if (entry.form === 'declared') return declared(top, entry.name, new Set());
  if (entry.form === 'exports') return functionIn(exportedAs(top, entry.key), top, new Set());
  const lone = top.lone.at(-1)?.node;
  return functionIn(lone?.type === 'ExpressionStatement' ? lone.expression : lone, top, new Set());
}

function declared(top: TopLevel, name: string, seen: Set<string>): FunctionNode | undefined {
  if (seen.has(name)) return undefined;
  seen.add(name);
  return functionIn(top.bindings.findLast((binding) => binding.name === name)?.node, top, seen);
}

function functionIn(node: AnyNode | undefined, top: TopLevel, seen: Set<string>): FunctionNode | undefined {
  if (!node) return undefined;
  if (isFunction(node)) return node;
  return node.type === 'Identifier' ? declared(top, node.name, seen) : undefined;
}

function exportedAs({ exported }: TopLevel, key: string | undefined): AnyNode | undefined {
  const found = exported.findLast((each) => each.key === key)?.value;
  if (found || key === undefined) return found;
  const whole = exported.findLast((each) => each.key === undefined)?.value;
  if (whole?.type !== 'ObjectExpression') return undefined;
  const property = whole.properties.find(
    (each) => each.type === 'Property' && each.key.type === 'Identifier' && each.key.name === key,
  );
  return property?.type === 'Property' ? property.value : undefined;
}
