import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, walk } from '../../scripts/walk.ts';
import type { CallbackUses, CallNode } from './callback-uses.ts';

/** What calls a function that it is given any number of times, or later, or perhaps never. */
const repeating =
  /^(on|once|off|addListener|addEventListener|prependListener|each|eachSeries|eachLimit|eachOf|retry|queue|subscribe|use|tap|nextTick|set\w+|event|parallel|series|transaction)$/;
const ofArrays = /^(forEach|map|flatMap|filter|some|every|find|findIndex|findLast|reduce)$/;

export function bringsWithin(node: AnyNode, uses: CallbackUses): boolean {
  let found = false;
  walk(node, (each) => {
    if (uses.brings(each) || (isFunction(each) && uses.mentions(each))) found = true;
  });
  return found;
}

export function isRepeated({ callee, arguments: given }: CallNode, method: string | undefined): boolean {
  const name = method ?? (callee.type === 'Identifier' ? callee.name : '');
  return repeating.test(name) || (method !== undefined && given.length === 1 && ofArrays.test(method));
}

/** A handler that ends a failure: it only logs, say. */
export function swallows(handler: AnyNode): boolean {
  if (handler.type === 'MemberExpression') {
    return handler.object.type === 'Identifier' && handler.object.name === 'console';
  }
  if (!isFunction(handler)) return false;
  let passesOn = false;
  walk(handler.body, (node) => {
    if (node.type === 'ThrowStatement') passesOn = true;
    if (node.type === 'Identifier' && /reject|emit|exit/i.test(node.name)) passesOn = true;
  });
  return !passesOn;
}

export function awaitsUncaught(fn: FunctionNode): boolean {
  let uncaught = false;
  const caught: AnyNode[] = [];
  walk(fn.body, (node) => {
    if (node.type === 'TryStatement' && node.handler) caught.push(node.block);
    if (node.type !== 'AwaitExpression') return;
    if (!caught.some((block) => block.start <= node.start && node.end <= block.end)) uncaught = true;
  });
  return uncaught;
}
