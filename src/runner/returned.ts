import type { ResultNote } from '../../sandbox/contract/outcome.ts';

/** What a script gave to its callback as the second argument; `undefined` where it gave none. */
export interface Returned {
  value: unknown;
  notes: readonly ResultNote[];
}

/** Nothing at all: what JSON could not carry, a function or a Map, is null as well, and no word of a script's. */
export function isNothing({ value, notes }: Returned): boolean {
  return !value && notes.length === 0;
}
