import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, walk } from '../../scripts/walk.ts';
import type { CallbackUses } from './callback-uses.ts';
import { readPromiseChain } from './promise-chain.ts';
import { verdictOf } from './read-test.ts';
import { keyOf } from './scopes.ts';
import { isNothing, localFunction, returnedBy, type SourceScript } from './source-script.ts';

/** What stands in for an outage: the literal that is written there, or nothing, as where a function just ends. */
export type StandIn = AnyNode | 'nothing';

export interface SwallowedOutages {
  /** What an expression is when the call in it fails; none where the failure goes on, or its kind is looked at. */
  standInOf(node: AnyNode): StandIn | undefined;
  /** The same, for what a link of a promise chain is given: `find(id).catch(() => null).then((user) => …)`. */
  givenTo(fn: FunctionNode): StandIn | undefined;
}

/**
 * `find(id).catch(() => null)`, and local functions that do as much. `ofFunction`: what a function of the source
 * returns where something failed in it.
 */
export function readSwallowedOutages(
  script: SourceScript,
  uses: CallbackUses,
  ofFunction: (fn: FunctionNode) => StandIn | undefined,
): SwallowedOutages {
  return { standInOf, givenTo };

  function standInOf(node: AnyNode): StandIn | undefined {
    switch (node.type) {
      case 'AwaitExpression':
        return standInOf(node.argument);
      case 'ChainExpression':
        return standInOf(node.expression);
      case 'MemberExpression': {
        const whole = node.object.type === 'Super' ? undefined : standInOf(node.object);
        return whole && partOf(whole, keyOf(node));
      }
      case 'CallExpression': {
        const chain = ofChain(node);
        if (chain) return chain;
        const fn = localFunction(node.callee, script);
        return fn && !uses.mentions(fn) ? ofFunction(fn) : undefined;
      }
      default:
        return undefined;
    }
  }

  function ofChain(node: AnyNode): StandIn | undefined {
    const chain = readPromiseChain(node);
    const last = chain?.links.findLast(({ onError }) => onError);
    if (!chain || !last?.onError) return undefined;
    const later = chain.links.slice(chain.links.indexOf(last) + 1);
    if (later.some(({ call }) => call.callee.type === 'MemberExpression' && keyOf(call.callee) !== 'finally'))
      return undefined;
    return ofHandler(last.onError);
  }

  function ofHandler(handler: AnyNode): StandIn | undefined {
    if (handler.type === 'MemberExpression') {
      return handler.object.type === 'Identifier' && handler.object.name === 'console'
        ? 'nothing'
        : undefined;
    }
    const fn = localFunction(handler, script);
    if (!fn || uses.mentions(fn) || looksCloser(fn)) return undefined;
    const returned = returnedBy(fn, script);
    if (returned.every(isNothing)) return 'nothing';
    return returned.find((each) => isEmpty(each));
  }

  function givenTo(fn: FunctionNode): StandIn | undefined {
    const { parent, key } = script.scopes.positionOf(fn) ?? {};
    if (parent?.type !== 'CallExpression' || key !== 'arguments' || parent.arguments[0] !== fn)
      return undefined;
    if (parent.callee.type !== 'MemberExpression' || keyOf(parent.callee) !== 'then') return undefined;
    return parent.callee.object.type === 'Super' ? undefined : standInOf(parent.callee.object);
  }
}

/** A handler that asks what failed, keeps it or throws it on says more than that there is nothing. */
function looksCloser(fn: FunctionNode): boolean {
  let looks = false;
  walk(fn.body, (node) => {
    if (node.type === 'ThrowStatement' || node.type === 'AssignmentExpression') looks = true;
    if (node.type === 'AwaitExpression' || node.type === 'SwitchStatement') looks = true;
    if (node.type === 'CallExpression' && isFunction(node.callee)) looks = true;
    const isTest =
      node.type === 'IfStatement' ||
      node.type === 'ConditionalExpression' ||
      node.type === 'LogicalExpression';
    const test = !isTest ? undefined : node.type === 'LogicalExpression' ? node.left : node.test;
    if (test && verdictOf(test) === 'examined') looks = true;
  });
  return looks;
}

/** `[]`, or an object that holds nothing: `{ rows: [] }`, `{ data: null }`. */
export function isEmpty(node: AnyNode): boolean {
  if (node.type === 'ArrayExpression') return node.elements.length === 0;
  if (node.type !== 'ObjectExpression') return false;
  return node.properties.every(
    (each) => each.type === 'Property' && (isNothing(each.value) || isEmpty(each.value)),
  );
}

/** A part of what stands in for an outage. Of nothing there is none: reading it throws, unless it is asked with `?.`. */
export function partOf(whole: StandIn, key: string | undefined): StandIn | undefined {
  if (whole === 'nothing' || isNothing(whole)) return 'nothing';
  if (whole.type === 'ArrayExpression') return key === undefined ? 'nothing' : undefined;
  if (whole.type !== 'ObjectExpression' || key === undefined) return undefined;
  const property = whole.properties.find((each) => keyOf(each) === key);
  return property?.type === 'Property' ? property.value : 'nothing';
}
