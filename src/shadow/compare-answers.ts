import { isDeepStrictEqual } from 'node:util';
import type { ErrorCode } from '../errors.ts';
import type { UserProfile } from '../scripts/actions.ts';

/** How one version of a script answered a call. */
export type ScriptAnswer =
  | { kind: 'found'; user: UserProfile }
  | { kind: 'not_found' }
  | { kind: 'error'; code: ErrorCode };

/**
 * `found`: one version found the user, the other did not. `outcome`: one answered and the other failed, or they failed
 * with different codes. `user_id`: they found different users. `profile`: fields of the profile differ.
 */
export const differenceKinds = ['found', 'outcome', 'user_id', 'profile'] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** A field by its path and by what kind of value it has in either version: never a value. */
export interface FieldDifference {
  path: string;
  served: string;
  shadow: string;
}

export interface Difference {
  kind: DifferenceKind;
  /** `found`, `not_found` or the code of the error. */
  served: string;
  shadow: string;
  fields: FieldDifference[];
}

/** Says nothing of the script: that there was no room for it, or that others brought its process down. */
const saysNothing: ReadonlySet<string> = new Set(['overloaded', 'connection_quarantined', 'sandbox_crashed']);

export function isComparable(answer: ScriptAnswer): boolean {
  return answer.kind !== 'error' || !saysNothing.has(answer.code);
}

/** What is different in the answer of the shadow; undefined where nothing is. `ignore`: dotted paths of fields. */
export function compareAnswers(
  served: ScriptAnswer,
  shadow: ScriptAnswer,
  ignore: readonly string[] = [],
): Difference | undefined {
  const said = { served: wordOf(served), shadow: wordOf(shadow), fields: [] };
  if (served.kind === 'error' || shadow.kind === 'error') {
    return said.served === said.shadow ? undefined : { kind: 'outcome', ...said };
  }
  if (served.kind !== shadow.kind) return { kind: 'found', ...said };
  if (served.kind === 'not_found' || shadow.kind === 'not_found') return undefined;
  const fields = differingFields(served.user, shadow.user, ignore);
  if (fields.length === 0) return undefined;
  const kind = served.user.user_id === shadow.user.user_id ? 'profile' : 'user_id';
  return { kind, ...said, fields };
}

function wordOf(answer: ScriptAnswer): string {
  return answer.kind === 'error' ? answer.code : answer.kind;
}

/** More than this many say no more than these. */
const MOST_FIELDS = 20;
const LONGEST_PATH = 100;
const DEEPEST = 4;

function differingFields(
  served: Record<string, unknown>,
  shadow: Record<string, unknown>,
  ignore: readonly string[],
): FieldDifference[] {
  const found: FieldDifference[] = [];
  compare(served, shadow, [], 0);
  return found;

  function compare(
    one: Record<string, unknown>,
    other: Record<string, unknown>,
    base: readonly string[],
    depth: number,
  ) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const path = [...base, key];
      if (ignore.includes(path.join('.')) || found.length >= MOST_FIELDS) continue;
      const [left, right] = [one[key], other[key]];
      if (isDeepStrictEqual(left, right)) continue;
      if (isRecord(left) && isRecord(right) && depth < DEEPEST) compare(left, right, path, depth + 1);
      else
        found.push({
          path: path.map(shownKey).join('.').slice(0, LONGEST_PATH),
          served: kindOfValue(left),
          shadow: kindOfValue(right),
        });
    }
  }
}

/** A key may be data itself, such as the email in a map from users to something: what is no name of a field is not told. */
function shownKey(key: string): string {
  return /^[A-Za-z_$][\w$-]{0,39}$/.test(key) && !/\d{4}/.test(key) ? key : '[key]';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOfValue(value: unknown): string {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'string') return `a string of ${value.length}`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
