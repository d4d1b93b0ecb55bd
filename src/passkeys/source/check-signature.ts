import { parameterNames } from '../../scripts/contracts.ts';
import { countParameters, type FunctionNode } from '../../scripts/function-value.ts';
import type { AnyNode } from '../../scripts/walk.ts';
import { keyOf } from './scopes.ts';
import { type SourceFinding, type SourceScript, textOf } from './source-script.ts';

const callbackNames = /^(callback|cb|done|next)$/i;
const contextNames = /^(context|ctx)$/i;

/** The entry's parameters against the contract. One fault gives one finding. */
export function checkSignature(script: SourceScript, contextEnabled: boolean): SourceFinding[] {
  const { entry, action } = script;
  if (!entry) return [];
  const count = countParameters(entry);
  if (count === 'unknown') return [];
  const full = parameterNames(action, 'context');
  const plain = parameterNames(action, 'plain');
  // A connection without the context object is a fault of its settings; scripts that are ready for it are none.
  const isPlain = count === plain.length;
  if (!isPlain && count !== full.length) {
    const wanted = contextEnabled ? full : plain;
    const message = `The entry takes ${listed(entry)}; it is called with (${wanted.join(', ')})`;
    return [script.finding('parameter_count', message, entry)];
  }
  const swapped = entry.params.findIndex((parameter, place) => {
    if (parameter.type !== 'Identifier') return false;
    const isLast = place === entry.params.length - 1;
    if (isLast) return contextNames.test(parameter.name) && !(isPlain && contextEnabled);
    if (callbackNames.test(parameter.name)) return true;
    return contextNames.test(parameter.name) && place !== full.length - 2;
  });
  if (swapped >= 0) {
    const message = `The entry takes ${listed(entry)}, but is called with (${(isPlain ? plain : full).join(', ')})`;
    return [script.finding('parameters_swapped', message, entry)];
  }
  if (!isPlain || !contextEnabled) return [];
  const message = `The entry takes ${listed(entry)}; with the context object on, write (${full.join(', ')})`;
  return [script.finding('context_parameter_missing', message, entry)];
}

function listed({ params }: FunctionNode): string {
  const names = params.map((each) => {
    const left = each.type === 'AssignmentPattern' ? each.left : each;
    return left.type === 'Identifier' ? left.name : '{…}';
  });
  return `(${names.join(', ')})`;
}

/** Whether Get User tells a lookup by user_id from one by identifier. `helpers`: their sources, which may do it. */
export function checkIdentifierType(script: SourceScript, helpers: readonly string[]): SourceFinding[] {
  const { context, scopes, entry } = script;
  if (
    script.action !== 'get_user' ||
    !entry ||
    entry.params.length !== parameterNames('get_user', 'context').length
  ) {
    return [];
  }
  const misread = comparedValues(script);
  const [first] = misread;
  if (first && !misread.some(({ value }) => value === 'user_id')) {
    const message = `context.identifierType is compared with '${first.value}'; it is 'user_id' or not set`;
    return [script.finding('identifier_type_misread', message, first.node)];
  }
  const isNamed = script.nodes.some(
    (node) =>
      (node.type === 'Identifier' && (node.name === 'identifierType' || node.name === 'arguments')) ||
      textOf(node) === 'identifierType',
  );
  if (isNamed || helpers.some((source) => source.includes('identifierType'))) return [];
  // Handed on whole, it may be read elsewhere.
  const handedOn = context?.references.some((node) => {
    const parent = scopes.positionOf(node)?.parent;
    if (parent?.type === 'VariableDeclarator') return parent.id.type === 'Identifier' || hasRest(parent.id);
    return parent?.type !== 'MemberExpression' || keyOf(parent) === undefined;
  });
  if (handedOn || (!context && entry.params[1]?.type !== 'ObjectPattern')) return [];
  return [script.finding('identifier_type_unread', 'Get User never reads context.identifierType', entry)];
}

function hasRest(pattern: { type: string; properties?: unknown[] }): boolean {
  return (pattern.properties ?? []).some((each) => (each as { type?: string }).type === 'RestElement');
}

/** What `context.identifierType` is compared with directly, and where. */
function comparedValues({ nodes, scopes }: SourceScript): { value: string; node: AnyNode }[] {
  const isType = (node: AnyNode): boolean => {
    if (node.type === 'ChainExpression') return isType(node.expression);
    if (node.type === 'MemberExpression') return keyOf(node) === 'identifierType';
    if (node.type !== 'Identifier' || node.name !== 'identifierType') return false;
    const inflows = scopes.bindingOf(node)?.inflows ?? [];
    return inflows.length === 1 && (inflows[0]?.property === 'identifierType' || isType(inflows[0]!.value));
  };
  return nodes.flatMap((node) => {
    if (node.type === 'BinaryExpression' && /^[!=]==?$/.test(node.operator)) {
      const { left, right } = node;
      const other = isType(left) ? right : isType(right) ? left : undefined;
      return other ? [{ value: textOf(other) ?? 'user_id', node }] : [];
    }
    if (node.type !== 'SwitchStatement' || !isType(node.discriminant)) return [];
    return node.cases.flatMap(({ test }) => (test ? [{ value: textOf(test) ?? 'user_id', node: test }] : []));
  });
}
