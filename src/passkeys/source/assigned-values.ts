import { isFunction } from '../../scripts/function-value.ts';
import { type AnyNode, childrenOf } from '../../scripts/walk.ts';
import { factOn, merge, type PathState, withFact, withoutFactsOn, withSource } from './path-state.ts';
import { readTest } from './read-test.ts';
import { keyOf, namesIn } from './scopes.ts';
import { isNothing, type SourceScript } from './source-script.ts';
import { partOf, type StandIn, type SwallowedOutages } from './swallowed-outage.ts';

/** Of more ways than these none is split: a script with many such calls is judged by its other ways. */
const MOST_SPLIT = 32;

export interface AssignedValues {
  /** `given`: none for `let user;`. */
  assigned(target: AnyNode, given: AnyNode | undefined, states: PathState[]): PathState[];
  /** The ways on which a pattern's names hold what stands in for an outage. */
  standingIn(pattern: AnyNode, standIn: StandIn, states: PathState[]): PathState[];
}

/**
 * What is known of names once they are given a value. With `outages`, a call that may fail without a word leads on in
 * two ways: it went well, or the names hold what stands in for the outage.
 */
export function createAssignedValues(
  script: SourceScript,
  outages: SwallowedOutages | undefined,
): AssignedValues {
  return { assigned, standingIn };

  function assigned(target: AnyNode, given: AnyNode | undefined, states: PathState[]): PathState[] {
    const names = namesIn(target).flatMap(({ identifier }) =>
      identifier.type === 'Identifier' ? [identifier] : [],
    );
    if (names.length === 0) return states;
    const changed = new Set(names.map(({ name }) => name));
    const isTrue = given?.type === 'Literal' && given.value === true;
    const isKnown = target.type === 'Identifier' && (isTrue || isNothing(given)) && !isGivenElsewhere(target);
    const asks = given !== undefined && awaits(given);
    const base = given && rootOf(given)?.name;
    const after = states.map((state) => {
      const from = base === undefined ? undefined : state.sources.get(base);
      const nothing = from === 'outage' && given && factOn(state, textOf(given)) === false;
      let next = withoutFactsOn(state, changed);
      for (const { name } of names) {
        next = withSource(next, name, sourceOf(state, name));
        if ((isKnown && target.name === name) || nothing) next = withFact(next, name, isTrue && !nothing);
      }
      return next;

      function sourceOf({ failed, sources }: PathState, name: string) {
        // `catch { user = null; }`
        if (isNothing(given)) return failed && given ? 'outage' : sources.get(name);
        if (from) return from;
        const isLate = failed || [...sources.values()].includes('outage');
        return asks && isLate ? 'store' : undefined;
      }
    });
    const standIn = given && after.length <= MOST_SPLIT ? outages?.standInOf(given) : undefined;
    return standIn ? merge(after, standingIn(target, standIn, after)) : after;
  }

  function standingIn(pattern: AnyNode, standIn: StandIn, states: PathState[]): PathState[] {
    const given: [text: string, name: string, value: boolean][] = [];
    read(pattern, standIn);
    return given.length === 0
      ? []
      : states.map((state) =>
          given.reduce(
            (at, [text, name, value]) => withFact(withSource(at, name, 'outage'), text, value),
            state,
          ),
        );

    function read(at: AnyNode, value: StandIn): void {
      if (at.type === 'ArrayPattern' || at.type === 'ObjectPattern') {
        // Nothing cannot be taken apart: it throws.
        if (value === 'nothing' || isNothing(value)) return;
        const parts = at.type === 'ArrayPattern' ? at.elements : at.properties;
        for (const part of parts) {
          const inner = part?.type === 'Property' ? part.value : part;
          const held = part && partOf(value, keyOf(part));
          if (inner && held) read(inner, held);
        }
      } else if (at.type === 'Identifier') {
        if (value === 'nothing' || isNothing(value)) given.push([at.name, at.name, false]);
        else if (value.type === 'ArrayExpression') {
          for (const text of ['.length', '[0]']) given.push([at.name + text, at.name, false]);
        } else if (value.type === 'ObjectExpression') {
          for (const each of value.properties) {
            const key = keyOf(each);
            const held = key !== undefined && each.type === 'Property' ? each.value : undefined;
            if (held && isNothing(held)) given.push([`${at.name}.${key}`, at.name, false]);
            else if (held?.type === 'ArrayExpression')
              for (const text of ['.length', '[0]']) given.push([`${at.name}.${key}${text}`, at.name, false]);
          }
        }
      }
    }
  }

  /** A function inside may give it another value at any time. */
  function isGivenElsewhere(name: AnyNode): boolean {
    const { scopes } = script;
    const home = scopes.functionsAround(name)[0];
    const inflows = scopes.bindingOf(name)?.inflows ?? [];
    return inflows.some(({ value }) => {
      const around = scopes.functionsAround(value)[0];
      return around !== home;
    });
  }

  function textOf(node: AnyNode): string {
    return readTest(node, script.textAt).text;
  }
}

/** `rows` of `rows[0].id`. */
export function rootOf(node: AnyNode): Extract<AnyNode, { type: 'Identifier' }> | undefined {
  let at = node;
  while (at.type === 'MemberExpression' || at.type === 'ChainExpression') {
    at = at.type === 'MemberExpression' ? at.object : at.expression;
  }
  return at.type === 'Identifier' ? at : undefined;
}

/** Whether an expression awaits, functions inside it left out. */
export function awaits(node: AnyNode): boolean {
  if (isFunction(node)) return false;
  return node.type === 'AwaitExpression' || childrenOf(node).some(awaits);
}
