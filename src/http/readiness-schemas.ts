import { z } from 'zod';
import { actionNames } from '../../sandbox/contract/actions.ts';
import { families } from '../passkeys/report.ts';
import { Identifier, Password } from '../scripts/action-inputs.ts';

export const ReadinessRequest = z
  .strictObject({
    test_user: z.strictObject({ identifier: Identifier, password: Password.optional() }).optional().meta({
      description:
        'A user who exists. With it scripts that only read are run, which takes the scope execute as well.',
    }),
    budget_ms: z
      .int()
      .min(1)
      .max(600_000)
      .optional()
      .meta({ description: 'What 95 of 100 look-ups may take; 1000 unless stated.' }),
  })
  .meta({ id: 'ReadinessRequest' });

const Finding = z.object({
  code: z.string().meta({ description: 'docs/passkey-readiness.md has a section for each.' }),
  severity: z.enum(['error', 'warning']),
  title: z.string(),
  message: z.string(),
  why: z.string(),
  fix: z.string(),
  script: z.enum(actionNames).optional(),
  file: z.string().optional(),
  line: z.int().optional(),
  path: z.string().optional(),
  ignored: z.string().optional().meta({ description: 'The reason why it does not count.' }),
});

const Check = z.object({
  family: z.enum(families),
  name: z.string().meta({ description: 'The code of what it finds.' }),
  status: z.enum(['passed', 'failed', 'unknown', 'ignored']),
  detail: z.string().optional(),
});

export const ReadinessAnswer = z
  .object({
    connection: z.string(),
    ready: z.boolean().meta({ description: 'There is no error that is not ignored.' }),
    findings: z.array(Finding),
    checks: z.array(Check),
    notes: z.array(z.string()).optional(),
    counts: z.object({
      errors: z.int(),
      warnings: z.int(),
      ignored: z.int(),
      passed: z.int(),
      unknown: z.int(),
    }),
  })
  .meta({ id: 'PasskeyReadiness' });
