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
  /** It is known by a test of what the outage left behind, and counts where that test led. */
  traced: boolean;
  /** The kind of failure was looked at. */
  examined: boolean;
  /**
   * Where names have their values from, as far as it matters: `outage`, nothing because a call failed; `store`, given
   * by a call after a failure.
   */
  sources: ReadonlyMap<string, 'outage' | 'store'>;
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
  traced: false,
  examined: false,
  sources: new Map(),
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

function keyOf({ called, again, unsure, failed, traced, examined, sources, facts }: PathState): string {
  const said = [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([text, value]) => `${text}=${value}`);
  const from = [...sources].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([called?.start, again?.start, unsure, failed, traced, examined, from, said]);
}

export function withCall(state: PathState, call: CallNode): PathState {
  if (!state.called) return { ...state, called: call };
  return state.again ? state : { ...state, again: call };
}

export function withFact(state: PathState, text: string, value: boolean): PathState {
  return { ...state, facts: new Map(state.facts).set(text, value) };
}

/** The failure was looked at, or there was none: what it left behind is no outage either. */
export function withoutFailure(state: PathState): PathState {
  if (!state.failed && state.sources.size === 0) return state;
  return { ...state, failed: false, traced: false, sources: start.sources };
}

/** What a test by the text says on that way, where it is known already; a part of nothing is nothing. */
export function factOn({ facts, sources }: PathState, text: string): boolean | undefined {
  const known = facts.get(text);
  if (known !== undefined) return known;
  const root = /^[\w$]+/.exec(text)?.[0] ?? '';
  return sources.get(root) === 'outage' && facts.get(root) === false ? false : undefined;
}

/** What is known to be nothing because of an outage brings that along, and what the store said since takes it away. */
export function traced(state: PathState, text: string): PathState {
  const from = state.sources.get(/^[\w$]+/.exec(text)?.[0] ?? '');
  if (from === 'store') return { ...state, failed: false, traced: false };
  if (from !== 'outage' || state.failed || factOn(state, text) !== false) return state;
  return { ...state, failed: true, traced: true, examined: false };
}

/** Where both ways of a test have come together again, it decides nothing any more. */
export function untraced(states: readonly PathState[]): PathState[] {
  return states.map((state) => (state.traced ? { ...state, failed: false, traced: false } : state));
}

export function withSource(
  state: PathState,
  name: string,
  source: 'outage' | 'store' | undefined,
): PathState {
  if (state.sources.get(name) === source) return state;
  const sources = new Map(state.sources);
  if (source) sources.set(name, source);
  else sources.delete(name);
  return { ...state, sources };
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
