import type { Findings } from './findings.ts';

/** Deeper than any profile; far shallower than what makes a recursive reader or JSON.stringify run out of stack. */
const DEPTH_MAX = 64;

/**
 * The same value without keys named `__proto__` at any depth: an own property here, but whoever copies the answer
 * key by key would change a prototype with it. Answers the value itself where there is nothing to take out.
 */
export function cleanTree(value: unknown, findings: Findings): unknown {
  return clean(value, '', 0, findings);
}

function clean(value: unknown, path: string, depth: number, findings: Findings): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth > DEPTH_MAX) {
    findings.refuse(
      path.split('.', 1)[0] ?? '',
      'too_deep',
      `This is nested more than ${DEPTH_MAX} levels deep. Return a flatter object, with the fields the application needs.`,
    );
    return null;
  }
  if (Array.isArray(value)) {
    const items = value.map((item, index) => clean(item, join(path, String(index)), depth + 1, findings));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return cleanObject(value as Record<string, unknown>, path, depth, findings);
}

function cleanObject(
  value: Record<string, unknown>,
  path: string,
  depth: number,
  findings: Findings,
): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    if (key === '__proto__') {
      copy ??= { ...value };
      delete copy[key];
      findings.warn(join(path, key), 'proto_key_removed', 'A key named __proto__ was left out. Rename it.');
      continue;
    }
    const inner = value[key];
    const cleaned = clean(inner, join(path, key), depth + 1, findings);
    if (cleaned === inner) continue;
    copy ??= { ...value };
    copy[key] = cleaned;
  }
  return copy ?? value;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}
