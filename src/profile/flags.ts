import { z } from 'zod';
import type { Findings } from './findings.ts';
import { valueKind } from './value-kind.ts';

const flagFields = ['email_verified', 'phone_verified', 'blocked'] as const;

/** What databases give for a boolean. Kept as it is, `0` would fail a `=== false` and `"false"` would be truthy. */
const asBoolean = new Map<unknown, boolean>([
  [0, false],
  [1, true],
  ['0', false],
  ['1', true],
  ['false', false],
  ['true', true],
]);

function flag(field: string) {
  return z.boolean({
    error: ({ input }) =>
      `${field} is ${valueKind(input)}, not a boolean. Return true or false, for example ${field}: row.${field} === 1.`,
  });
}

export const flagSchemas = {
  email_verified: flag('email_verified'),
  phone_verified: flag('phone_verified'),
  blocked: flag('blocked'),
};

export function normalizeFlags(profile: Record<string, unknown>, findings: Findings): void {
  for (const field of flagFields) {
    const boolean = asBoolean.get(profile[field]);
    if (boolean === undefined) continue;
    findings.warn(
      field,
      'boolean_converted',
      `${field} is ${valueKind(profile[field])}; it was made a boolean. Return true or false.`,
    );
    profile[field] = boolean;
  }
}
