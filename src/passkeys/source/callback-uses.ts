import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import type { AnyNode } from '../../scripts/walk.ts';
import { type Binding, keyOf, onlyValue } from './scopes.ts';
import { localFunction, type SourceScript } from './source-script.ts';

export type CallNode = Extract<AnyNode, { type: 'CallExpression' }>;

export interface CallbackUses {
  /** Calls of the callback itself, under whichever name. */
  calls: readonly CallNode[];
  isCallback(node: AnyNode): boolean;
  /** Whether a function calls the callback or hands it on, itself or through another function of the source. */
  mentions(fn: FunctionNode): boolean;
  /** Whether a value brings the callback along: the callback, or a function that mentions it. */
  brings(node: AnyNode): boolean;
}

export function readCallbackUses(script: SourceScript): CallbackUses {
  const { scopes } = script;
  const aliases = aliasesOf(script);
  const mentioning = new Set<FunctionNode>();
  const holders = new Map<FunctionNode, Binding[]>();
  for (const binding of scopes.bindings) {
    const value = onlyValue(binding);
    if (value && isFunction(value)) holders.set(value, [...(holders.get(value) ?? []), binding]);
  }
  // What a callback was put into brings it along: `const request = new Request(sql, (error) => callback(error))`.
  const bringing = new Set<Binding>();
  const waiting = [...aliases].flatMap(({ references }) => references);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    putInto(next);
    for (const fn of scopes.functionsAround(next)) {
      if (mentioning.has(fn)) continue;
      mentioning.add(fn);
      putInto(fn);
      for (const { references } of holders.get(fn) ?? []) waiting.push(...references);
    }
  }
  const isCallback = (node: AnyNode) => {
    const binding = node.type === 'Identifier' ? scopes.bindingOf(node) : undefined;
    return binding !== undefined && aliases.has(binding);
  };
  return {
    calls: script.nodes.filter(
      (node): node is CallNode => node.type === 'CallExpression' && isCallback(node.callee),
    ),
    isCallback,
    mentions: (fn) => mentioning.has(fn),
    brings: (node) => {
      const fn = localFunction(node, script);
      const binding = node.type === 'Identifier' ? scopes.bindingOf(node) : undefined;
      return isCallback(node) || (fn && mentioning.has(fn)) || (binding && bringing.has(binding)) || false;
    },
  };

  function putInto(value: AnyNode): void {
    let at = value;
    let { parent, key } = scopes.positionOf(at) ?? {};
    while (parent && holding.test(parent.type) && key !== 'callee') {
      at = parent;
      ({ parent, key } = scopes.positionOf(at) ?? {});
    }
    const id = parent?.type === 'VariableDeclarator' && at !== value ? parent.id : undefined;
    const binding = id?.type === 'Identifier' ? scopes.bindingOf(id) : undefined;
    if (!binding || bringing.has(binding)) return;
    bringing.add(binding);
    waiting.push(...binding.references);
  }
}

const holding = /^(CallExpression|NewExpression|ObjectExpression|ArrayExpression|Property|SpreadElement)$/;

/** The callback and the constants that are another name of it. */
function aliasesOf({ callback, scopes }: SourceScript): Set<Binding> {
  const aliases = new Set(callback ? [callback] : []);
  for (const alias of aliases) {
    for (const reference of alias.references) {
      const parent = scopes.positionOf(reference)?.parent;
      if (parent?.type !== 'VariableDeclarator' || parent.init !== reference) continue;
      const binding = parent.id.type === 'Identifier' ? scopes.bindingOf(parent.id) : undefined;
      if (binding?.inflows.length === 1) aliases.add(binding);
    }
  }
  return aliases;
}

/** Errors alone reach the callback there: `.catch(callback)`, `.then(done, callback)`. */
export function takesErrorsAlone(node: AnyNode, { scopes }: SourceScript): boolean {
  const parent = scopes.positionOf(node)?.parent;
  if (parent?.type !== 'CallExpression' || parent.callee.type !== 'MemberExpression') return false;
  const method = keyOf(parent.callee);
  const place = parent.arguments.indexOf(node as never);
  if (method === 'on' || method === 'once') return isErrorEvent(parent);
  return (method === 'catch' && place === 0) || (method === 'then' && place === 1);
}

function isErrorEvent({ arguments: [event] }: CallNode): boolean {
  return event?.type === 'Literal' && event.value === 'error';
}
