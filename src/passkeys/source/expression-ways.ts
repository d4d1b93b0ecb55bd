import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, childrenOf } from '../../scripts/walk.ts';
import { type AssignedValues, awaits, rootOf } from './assigned-values.ts';
import type { CallbackUses, CallNode } from './callback-uses.ts';
import { factOn, merge, type PathState, traced, withCall, withFact, withoutFailure } from './path-state.ts';
import { readTest, type Verdict, verdictOf } from './read-test.ts';
import { keyOf, onlyValue } from './scopes.ts';
import { isNothing, localFunction, type SourceScript } from './source-script.ts';
import type { SwallowedOutages } from './swallowed-outage.ts';

/** What a call of a function does to the callback: calls it on every way, on none, or who knows. */
export type Effect = 'calls' | 'nothing' | 'unsure';

export interface WayOptions {
  script: SourceScript;
  uses: CallbackUses;
  values: AssignedValues;
  /** None where outages are not looked for. */
  outages: SwallowedOutages | undefined;
  /** Tests whose outcome is worth remembering, by their text: others come but once. */
  recurring: ReadonlySet<string>;
  /** Whether a status other than 2xx is no outage by itself: the HTTP client was told which ones it lets through. */
  statusIsSifted: boolean;
  effectOf(fn: FunctionNode): Effect;
  /** The callback was called as an answer that there is nobody. */
  onNothing(call: CallNode, states: readonly PathState[]): void;
}

export interface ExpressionWays {
  value(node: AnyNode | null | undefined, states: PathState[]): PathState[];
  test(node: AnyNode | null | undefined, states: PathState[]): { yes: PathState[]; no: PathState[] };
  /** The ways on which an expression is nothing: null, undefined, false. */
  nothing(node: AnyNode | null | undefined, states: PathState[]): PathState[];
}

/** What evaluating an expression does on each way that comes to it. */
export function createExpressionWays(options: WayOptions): ExpressionWays {
  const { script, uses, values, outages, recurring, statusIsSifted, effectOf, onNothing } = options;
  return { value, test, nothing };

  function value(node: AnyNode | null | undefined, states: PathState[]): PathState[] {
    if (!node || states.length === 0) return states;
    if (isFunction(node)) return uses.mentions(node) ? unsure(states) : states;
    switch (node.type) {
      case 'Identifier':
        return uses.brings(node) ? unsure(states) : states;
      case 'CallExpression':
        return called(node, states);
      case 'ConditionalExpression': {
        const { yes, no } = test(node.test, states);
        return merge(value(node.consequent, yes), value(node.alternate, no));
      }
      case 'LogicalExpression': {
        if (node.operator === '??') {
          const after = value(node.left, states);
          return merge(after, value(node.right, after));
        }
        const { yes, no } = test(node.left, states);
        return node.operator === '&&' ? merge(value(node.right, yes), no) : merge(yes, value(node.right, no));
      }
      case 'AssignmentExpression': {
        const after = value(node.right, states);
        return values.assigned(node.left, node.operator === '=' ? node.right : node, after);
      }
      case 'UpdateExpression': {
        return values.assigned(node.argument, node, states);
      }
      case 'UnaryExpression':
        return node.operator === 'typeof' || uses.isCallback(node.argument)
          ? states
          : value(node.argument, states);
      case 'BinaryExpression':
        return [node.left, node.right].reduce(
          (at, each) => (uses.isCallback(each) ? at : value(each, at)),
          states,
        );
      case 'ClassExpression':
        return states;
      default:
        return childrenOf(node).reduce((at, each) => value(each, at), states);
    }
  }

  function called(node: CallNode, states: PathState[]): PathState[] {
    const { callee } = node;
    const isBorrowed =
      callee.type === 'MemberExpression' &&
      uses.isCallback(callee.object) &&
      /^(call|apply)$/.test(keyOf(callee) ?? '');
    const fn = localFunction(callee, script);
    const isOwn = fn !== undefined && uses.mentions(fn);
    const direct = uses.isCallback(callee) || isBorrowed;
    let after = direct || isOwn ? states : value(callee, states);
    for (const argument of node.arguments) after = value(argument, after);
    if (direct) {
      const [error, result] = node.arguments;
      const isWhole = !node.arguments.some(({ type }) => type === 'SpreadElement');
      if (!isBorrowed && isWhole && isNothing(error)) onNothing(node, nothing(result, states));
      return after.map((state) => withCall(state, node));
    }
    if (!isOwn) return after;
    const effect = effectOf(fn);
    if (effect === 'nothing') return after;
    return effect === 'calls' ? after.map((state) => withCall(state, node)) : unsure(after);
  }

  function nothing(node: AnyNode | null | undefined, states: PathState[]): PathState[] {
    if (states.length === 0 || !node || isNothing(node)) return states;
    switch (node.type) {
      case 'Identifier':
      case 'MemberExpression':
      case 'ChainExpression': {
        const { text } = readTest(node, script.textAt);
        const known = states.filter((state) => factOn(state, text) === false);
        return [...known.map((state) => traced(state, text)), ...swallowed(node, states)];
      }
      case 'AwaitExpression':
      case 'CallExpression':
        return swallowed(node, states);
      case 'ConditionalExpression': {
        const { yes, no } = test(node.test, states);
        return merge(nothing(node.consequent, yes), nothing(node.alternate, no));
      }
      case 'LogicalExpression': {
        if (node.operator !== '&&') return nothing(node.right, nothing(node.left, states));
        const { yes, no } = test(node.left, states);
        return merge(no, nothing(node.right, yes));
      }
      default:
        return [];
    }
  }

  function swallowed(node: AnyNode, states: PathState[]): PathState[] {
    const standIn = outages?.standInOf(node);
    if (!standIn || (standIn !== 'nothing' && !isNothing(standIn))) return [];
    return states.map((state) => ({ ...state, failed: true, examined: false }));
  }

  function test(
    node: AnyNode | null | undefined,
    states: PathState[],
  ): { yes: PathState[]; no: PathState[] } {
    if (!node) return { yes: states, no: [] };
    if (node.type === 'Literal') return node.value ? { yes: states, no: [] } : { yes: [], no: states };
    if (node.type === 'UnaryExpression' && node.operator === '!') {
      const { yes, no } = test(node.argument, states);
      return { yes: no, no: yes };
    }
    if (node.type === 'LogicalExpression' && node.operator !== '??') {
      const left = test(node.left, states);
      if (node.operator === '&&') {
        const right = test(node.right, left.yes);
        return { yes: right.yes, no: merge(left.no, right.no) };
      }
      const right = test(node.right, left.no);
      return { yes: merge(left.yes, right.yes), no: right.no };
    }
    // Scripts that ask whether there is a callback are given one.
    if (uses.isCallback(node)) return { yes: states, no: [] };
    if (
      node.type === 'BinaryExpression' &&
      node.left.type === 'UnaryExpression' &&
      uses.isCallback(node.left.argument)
    ) {
      return node.operator.startsWith('!') ? { yes: [], no: states } : { yes: states, no: [] };
    }
    return split(node, value(node, states));
  }

  function split(node: AnyNode, states: PathState[]): { yes: PathState[]; no: PathState[] } {
    const { text, holds } = readTest(node, script.textAt);
    const verdict = verdictOn(node);
    const isValue = isFound(node);
    const someCalled = states.some((state) => state.called);
    const yes: PathState[] = [];
    const no: PathState[] = [];
    for (const state of states) {
      const known = factOn(state, text);
      if (known !== undefined) {
        const from = known ? state : traced(state, text);
        (known === holds ? yes : no).push(judged(from, verdict, known === holds, isValue));
        continue;
      }
      // After an answer that was no return, further tests may well stand for "not answered yet".
      const origin = traced(state, text);
      const doubtful = someCalled && !state.called ? { ...origin, unsure: true } : origin;
      const told = (outcome: boolean) =>
        judged(
          recurring.has(text) ? withFact(doubtful, text, outcome === holds) : doubtful,
          verdict,
          outcome,
          isValue,
        );
      yes.push(told(true));
      no.push(told(false));
    }
    return { yes: merge(yes), no: merge(no) };
  }

  function verdictOn(node: AnyNode): Verdict {
    if (holdsCaught(node)) return 'failure';
    const verdict = verdictOf(node);
    const value = node.type === 'Identifier' ? onlyValue(script.scopes.bindingOf(node)) : undefined;
    // `const isGone = error.response?.status === 404`
    if (verdict !== 'none' || !value || isFunction(value) || awaits(value)) return verdict;
    const told = verdictOf(value);
    return /^(examined|named_status|other_status)$/.test(told) ? told : verdict;
  }

  /** `let failure; try {…} catch (error) { failure = error; }`; or `failure = error.message` */
  function holdsCaught(node: AnyNode): boolean {
    const inflows = node.type === 'Identifier' ? (script.scopes.bindingOf(node)?.inflows ?? []) : [];
    return inflows.some(({ value }) => {
      const base = value.type === 'NewExpression' ? value.arguments.map(rootOf) : [rootOf(value)];
      return base.some((each) => each && script.scopes.bindingOf(each)?.kind === 'caught');
    });
  }

  function judged(state: PathState, verdict: Verdict, outcome: boolean, isValue: boolean): PathState {
    switch (verdict) {
      case 'none':
        // What was found is there, so nothing failed that it depends on.
        return isValue && outcome ? { ...state, failed: false } : state;
      case 'examined':
        return { ...withoutFailure(state), examined: true };
      case 'named_status':
      case 'other_status':
        return outcome === (verdict === 'named_status') ? judged(state, 'examined', outcome, isValue) : state;
      case 'failure':
      case 'no_failure':
        return outcome === (verdict === 'failure')
          ? { ...state, failed: true, examined: false }
          : withoutFailure(state);
      case 'perhaps_failure':
        return outcome ? state : withoutFailure(state);
      case 'bad_status':
      case 'good_status': {
        const isBad = outcome === (verdict === 'bad_status');
        return isBad && !state.examined && !statusIsSifted ? { ...state, failed: true } : state;
      }
      default:
        return verdict satisfies never;
    }
  }
}

/** A value, and none of a failure's: `user`, `response.data`. */
function isFound(node: AnyNode): boolean {
  const root = rootOf(node);
  return root !== undefined && verdictOf(root) === 'none';
}

function unsure(states: readonly PathState[]): PathState[] {
  return states.map((state) => ({ ...state, unsure: true }));
}
