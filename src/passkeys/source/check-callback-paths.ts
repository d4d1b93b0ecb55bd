import { type FunctionNode, isFunction } from '../../scripts/function-value.ts';
import type { AnyNode } from '../../scripts/walk.ts';
import { createAssignedValues } from './assigned-values.ts';
import type { CallbackUses, CallNode } from './callback-uses.ts';
import { createExpressionWays, type Effect } from './expression-ways.ts';
import { awaitsUncaught, bringsWithin, isRepeated, swallows } from './function-traits.ts';
import { type PathState, start, TooManyPaths } from './path-state.ts';
import { type PromiseChain, readPromiseChain } from './promise-chain.ts';
import { keyOf } from './scopes.ts';
import { errorHandlers, recurringTests, siftsStatus } from './script-traits.ts';
import { localFunction, type SourceFinding, type SourceScript } from './source-script.ts';
import { waysThrough } from './statement-ways.ts';
import { isEmpty, readSwallowedOutages, type StandIn } from './swallowed-outage.ts';

/**
 * Follows every way through the entry and through what it leaves to run later, and says where the callback is not
 * called, called twice, or told "nobody" of an outage. Where a way cannot be told, nothing is said.
 */
export function checkCallbackPaths(script: SourceScript, uses: CallbackUses): SourceFinding[] {
  const { entry, callback, nodes } = script;
  if (!entry || !callback || nodes.some((node) => node.type === 'Identifier' && node.name === 'arguments'))
    return [];
  const findings = new Map<string, SourceFinding>();
  const report = (finding: SourceFinding) => {
    const key = `${finding.code}:${finding.line}`;
    if (!findings.has(key)) findings.set(key, finding);
  };
  /** What has the last word on its way: if it does not call the callback, nobody does. */
  const final = new Set<FunctionNode>([entry]);
  const ends = new Map<FunctionNode, PathState[] | 'unknown'>();
  const handlers = errorHandlers(script);
  const outages = script.action === 'get_user' ? readSwallowedOutages(script, uses, standInFrom) : undefined;
  const standIns = new Map<FunctionNode, StandIn | undefined>();
  const values = createAssignedValues(script, outages);
  const expressions = createExpressionWays({
    script,
    uses,
    values,
    outages,
    recurring: recurringTests(script),
    statusIsSifted: siftsStatus(nodes),
    effectOf,
    onNothing(call, states) {
      if (script.action !== 'get_user' || !states.some(({ failed, unsure }) => failed && !unsure)) return;
      const message = `${script.textAt(call)} is said where something failed, without looking at what it was`;
      report(script.finding('outage_as_not_found', message, call));
    },
  });

  const through = { expressions, values, uses };

  for (const node of nodes) if (isFunction(node) && (node === entry || uses.mentions(node))) endsOf(node);
  for (const fn of final) reportUncalled(fn);
  for (const states of ends.values()) if (states !== 'unknown') reportTwice(states);
  return [...findings.values()];

  function endsOf(fn: FunctionNode): PathState[] | 'unknown' {
    const known = ends.get(fn);
    if (known) return known;
    ends.set(fn, 'unknown'); // for calls of itself
    try {
      const begin = handlers.has(fn) ? { ...start, failed: true } : start;
      const given = outages?.givenTo(fn);
      const [parameter] = fn.params;
      const swallowed = given && parameter ? values.standingIn(parameter, given, [begin]) : [];
      ends.set(fn, waysThrough(fn, { ...through, effect: followed }, [begin, ...swallowed]));
    } catch (error) {
      if (!(error instanceof TooManyPaths)) throw error;
    }
    return ends.get(fn) ?? 'unknown';
  }

  /** What a function of the source returns where something failed in it. */
  function standInFrom(fn: FunctionNode): StandIn | undefined {
    if (standIns.has(fn)) return standIns.get(fn);
    standIns.set(fn, undefined); // for calls of itself
    const onEnd = (value: AnyNode | null | undefined, states: PathState[]) => {
      const failing = states.filter(({ failed, unsure }) => failed && !unsure);
      const isLost = expressions.nothing(value, states).some(({ failed, unsure }) => failed && !unsure);
      const empty = value && failing.length > 0 && isEmpty(value) ? value : undefined;
      const found = isLost ? 'nothing' : (empty ?? (value ? outages?.standInOf(value) : undefined));
      if (found) standIns.set(fn, found);
    };
    try {
      waysThrough(fn, { ...through, effect: (node, states) => expressions.value(node, states), onEnd }, [
        start,
      ]);
    } catch (error) {
      if (!(error instanceof TooManyPaths)) throw error;
    }
    return standIns.get(fn);
  }

  function effectOf(fn: FunctionNode): Effect {
    const states = endsOf(fn);
    if (states === 'unknown' || states.length === 0 || states.some(({ unsure }) => unsure)) return 'unsure';
    if (states.every(({ called }) => called)) return 'calls';
    return states.some(({ called }) => called) ? 'unsure' : 'nothing';
  }

  function reportUncalled(fn: FunctionNode): void {
    const states = endsOf(fn);
    if (states === 'unknown') return;
    const end = states.find(({ called, unsure }) => !called && !unsure);
    if (!end) return;
    const message = 'A way through the script ends here without calling the callback';
    report(script.finding('callback_not_called', message, end.at ?? fn));
  }

  function reportTwice(states: readonly PathState[]): void {
    const byCall = new Map<CallNode, PathState[]>();
    for (const state of states) {
      if (state.called) byCall.set(state.called, [...(byCall.get(state.called) ?? []), state]);
    }
    for (const [call, after] of byCall) {
      const again = after[0]?.again;
      // Only where every way from the first call comes to a second: others may be ruled out by what is not seen here.
      if (!again || after.some((state) => !state.again || state.unsure)) continue;
      const line = script.lineOf(call);
      const message = `The callback is called here after it was called on line ${line}`;
      report(script.finding('callback_called_twice', message, again));
    }
  }

  function followed(
    node: AnyNode,
    states: PathState[],
    place: 'statement' | 'awaited' | 'returned',
  ): PathState[] {
    if (node.type === 'UnaryExpression' && node.operator === 'void')
      return followed(node.argument, states, place);
    const chain = readPromiseChain(node);
    if (chain) return chained(chain, states, place);
    if (node.type !== 'CallExpression') return expressions.value(node, states);
    const last = node.arguments.at(-1);
    const method = node.callee.type === 'MemberExpression' ? keyOf(node.callee) : undefined;
    const others = node.arguments.slice(0, -1).some((each) => bringsWithin(each, uses));
    if (last && isFunction(last) && uses.mentions(last) && !others && !isRepeated(node, method)) {
      final.add(last);
    }
    if (isFunction(node.callee) && uses.mentions(node.callee) && node.callee.async) {
      final.add(node.callee);
      if (place === 'statement' && awaitsUncaught(node.callee)) reportUnhandled(node);
    }
    return expressions.value(node, states);
  }

  function chained(
    { root, links }: PromiseChain,
    states: PathState[],
    place: 'statement' | 'awaited' | 'returned',
  ): PathState[] {
    const succeeding = links.filter(({ onSuccess }) => onSuccess && bringsWithin(onSuccess, uses));
    const failing = links.filter(({ onError }) => onError && bringsWithin(onError, uses));
    const after = followed(root, states, 'awaited');
    if (succeeding.length === 0 && failing.length === 0) return after;
    const handlesErrors = links.filter(({ onError }) => onError);
    if (place === 'statement' && handlesErrors.length === 0) reportUnhandled(links.at(-1)!.call);
    if (succeeding.length > 0) {
      const last = succeeding.at(-1)!;
      if (last.onSuccess && isFunction(last.onSuccess)) final.add(last.onSuccess);
      reportTwiceIn(links);
    }
    const lastError = handlesErrors.at(-1);
    const isLastWord =
      lastError && !links.slice(links.indexOf(lastError) + 1).some((link) => succeeding.includes(link));
    const handler = lastError?.onError;
    if (isLastWord && handler) {
      if (failing.includes(lastError)) {
        if (isFunction(handler)) final.add(handler);
      } else if (failing.length === 0 && swallows(handler)) {
        const message = 'A failure ends here without calling the callback';
        report(script.finding('callback_not_called', message, handler));
      }
    }
    // `save().catch(callback)` alone answers errors; whoever is to answer otherwise comes later.
    const isCertain = links.every(({ onSuccess }) => !onSuccess || isFunction(onSuccess));
    if (succeeding.length === 0 && place === 'statement' && isCertain) return after;
    return after.map((state) =>
      state.called && root.type === 'CallExpression' ? state : { ...state, unsure: true },
    );
  }

  function reportUnhandled(node: AnyNode): void {
    const message = 'When this promise is rejected, nobody calls the callback';
    report(script.finding('rejection_unhandled', message, node));
  }

  /** `.then(callback…).finally(callback…)` */
  function reportTwiceIn(links: PromiseChain['links']): void {
    let earlier = false;
    for (const { onSuccess, onError } of links) {
      const runs = onSuccess && alwaysCalls(onSuccess);
      if (runs && earlier) {
        const message = 'The callback is called here after an earlier link of the chain has called it';
        report(script.finding('callback_called_twice', message, onSuccess));
      }
      if (runs || (onError && alwaysCalls(onError))) earlier = true;
    }
  }

  function alwaysCalls(node: AnyNode): boolean {
    const fn = localFunction(node, script);
    return uses.isCallback(node) || (fn !== undefined && uses.mentions(fn) && effectOf(fn) === 'calls');
  }
}
