import { z } from 'zod';
import { egressEntryForms, readEgressEntry } from '../../sandbox/contract/egress-entry.ts';

const MAX_ENTRIES = 200;

/** What was written is said again: it is a mistake more often than a secret, and neither in a list of hosts. */
export const EgressEntryText = z
  .string({ error: (issue) => `must be a string, not ${JSON.stringify(issue.input) ?? 'undefined'}` })
  .refine((text) => readEgressEntry(text) !== undefined, {
    error: (issue) => `is ${JSON.stringify(issue.input).slice(0, 300)}; allowed: ${egressEntryForms}`,
  });

const entries = z.array(EgressEntryText).max(MAX_ENTRIES).nullish();

/**
 * Both narrow what the operator allows: with `allow` nothing else is reached, and `deny` wins over everything. A
 * misspelt key would open what it was to close, so unknown ones are refused.
 */
export const EgressOptions = z.strictObject({ allow: entries, deny: entries });
