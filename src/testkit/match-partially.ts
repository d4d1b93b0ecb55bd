import { inspect } from 'node:util';

/** `expect.any(String)` and its like, of vitest, jest and others. */
interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
}

/**
 * Where `actual` is not what `pattern` says, as `email is "a@b", expected "c@d"`; empty when it matches. Objects of the
 * pattern may leave fields out, lists have to be of the same length, and asymmetric matchers are asked.
 */
export function findMismatches(actual: unknown, pattern: unknown, path = ''): string[] {
  if (isAsymmetric(pattern)) return pattern.asymmetricMatch(actual) ? [] : [differs(path, actual, pattern)];
  if (Array.isArray(pattern)) {
    if (!Array.isArray(actual) || actual.length !== pattern.length) return [differs(path, actual, pattern)];
    return pattern.flatMap((inner, index) => findMismatches(actual[index], inner, below(path, index)));
  }
  if (isObject(pattern)) {
    if (!isObject(actual) || Array.isArray(actual)) return [differs(path, actual, pattern)];
    return Object.entries(pattern).flatMap(([key, inner]) =>
      findMismatches(Object.hasOwn(actual, key) ? actual[key] : undefined, inner, below(path, key)),
    );
  }
  return Object.is(actual, pattern) ? [] : [differs(path, actual, pattern)];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isAsymmetric = (value: unknown): value is AsymmetricMatcher =>
  isObject(value) && typeof value.asymmetricMatch === 'function';

const below = (path: string, step: string | number) => (path === '' ? String(step) : `${path}.${step}`);

function differs(path: string, actual: unknown, pattern: unknown): string {
  return `${path === '' ? 'The whole' : path} is ${shown(actual)}, expected ${shown(pattern)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  if (isAsymmetric(value)) {
    const { toAsymmetricMatcher } = value as { toAsymmetricMatcher?: () => string };
    return toAsymmetricMatcher?.call(value) ?? String(value);
  }
  return typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 3 });
}
