import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import type { AnyNode } from '../../scripts/walk.ts';
import { readTest } from './read-test.ts';
import { keyOf } from './scopes.ts';
import { localFunction, type SourceScript } from './source-script.ts';

/** The functions that a promise calls when it fails. */
export function errorHandlers(script: SourceScript): Set<FunctionNode> {
  const handlers = new Set<FunctionNode>();
  for (const node of script.nodes) {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') continue;
    const method = keyOf(node.callee);
    const handler = node.arguments[method === 'catch' ? 0 : method === 'then' ? 1 : node.arguments.length];
    const fn = handler && localFunction(handler, script);
    if (fn) handlers.add(fn);
  }
  return handlers;
}

/** An HTTP client that is told which statuses are answers, or throws on others, has told outages apart. */
export function siftsStatus(nodes: readonly AnyNode[]): boolean {
  return nodes.some((node) => {
    if (node.type !== 'Property' || keyOf(node) !== 'validateStatus') return false;
    const { value } = node;
    const always = isFunction(value) && value.body.type === 'Literal' && value.body.value === true;
    return !always;
  });
}

export function recurringTests({ nodes, textAt }: SourceScript): Set<string> {
  const seen = new Set<string>();
  const recurring = new Set<string>();
  const waiting: AnyNode[] = nodes.flatMap((node) =>
    node.type === 'IfStatement' || node.type === 'ConditionalExpression' ? [node.test] : [],
  );
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (next.type === 'LogicalExpression') waiting.push(next.left, next.right);
    else if (next.end - next.start <= 300) {
      const { text } = readTest(next, textAt);
      (seen.has(text) ? recurring : seen).add(text);
    }
  }
  return recurring;
}
