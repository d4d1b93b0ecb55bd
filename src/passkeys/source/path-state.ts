import type { AnyNode } from '../../scripts/walk.ts';
import type { CallNode } from './callback-uses.ts';

/** How far one way through a function has come. */
export interface PathState {
  /** The first call of the callback on the way. */
  called: CallNode | undefined;
  /** The second. */
  again: CallNode | undefined;
  /** Somebody else was given the callback, or the way cannot be told: nothing is said of it from here on. */
  unsure: boolean;
  /** Something failed on the way, an outage perhaps. */
  failed: boolean;
  /** The kind of failure was looked at. */
  examined: boolean;
  /** What tests on the way have said, by their text. */
  facts: ReadonlyMap<string, boolean>;
  /** The statement that it came to last; for messages. */
  at?: AnyNode;
}

export const start: PathState = {
  called: undefined,
  again: undefined,
  unsure: false,
  failed: false,
  examined: false,
  facts: new Map(),
};

/** More ways than this and a function is left unjudged. */
const MOST_STATES = 128;

export class TooManyPaths extends Error {}

/** Ways that have come to the same are one. */
export function merge(...groups: (readonly PathState[])[]): PathState[] {
  const [first, ...more] = groups.filter((group) => group.length > 0);
  if (!first || (more.length === 0 && first.length === 1)) return first ? [...first] : [];
  const byKey = new Map<string, PathState>();
  for (const group of groups) for (const state of group) byKey.set(keyOf(state), state);
  if (byKey.size > MOST_STATES) throw new TooManyPaths();
  return [...byKey.values()];
}

function keyOf({ called, again, unsure, failed, examined, facts }: PathState): string {
  const said = [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, value]) => `${text}=${value}`);
  return JSON.stringify([called?.start, again?.start, unsure, failed, examined, said]);
}

export function withCall(state: PathState, call: CallNode): PathState {
  if (!state.called) return { ...state, called: call };
  return state.again ? state : { ...state, again: call };
}

export function withFact(state: PathState, text: string, value: boolean): PathState {
  return { ...state, facts: new Map(state.facts).set(text, value) };
}

/** Facts about a name end where it is given another value. */
export function withoutFactsOn(state: PathState, names: ReadonlySet<string>): PathState {
  const kept = [...state.facts].filter(([text]) => {
    return !(text.match(/[\w$]+/g) ?? []).some((word) => names.has(word));
  });
  return kept.length === state.facts.size ? state : { ...state, facts: new Map(kept) };
}

/** Where the ways through a piece of code lead. */
export interface Ways {
  /** On to what follows. */
  on: PathState[];
  /** Out of the function, by return. */
  out: PathState[];
  thrown: PathState[];
  /** To the end of a loop or switch, and back to its head. */
  broken: PathState[];
  continued: PathState[];
}

export function ways(on: PathState[]): Ways {
  return { on, out: [], thrown: [], broken: [], continued: [] };
}

export function join(...all: Ways[]): Ways {
  const of = (key: keyof Ways) => merge(...all.map((each) => each[key]));
  return {
    on: of('on'),
    out: of('out'),
    thrown: of('thrown'),
    broken: of('broken'),
    continued: of('continued'),
  };
}
