import { z } from 'zod';
import { actionNames } from '../../sandbox/contract/actions.ts';
import { differenceKinds } from './compare-answers.ts';

/** What a new version of a connection's scripts answers otherwise than the one that is served. */

const Quantiles = z.object({ p50: z.number(), p95: z.number() });

const Example = z.object({
  execution: z.string().meta({ description: 'Of the call that was answered; also in the log.' }),
  at: z.string(),
  by: z.enum(['identifier', 'user_id', 'password']),
  served: z.string().meta({ description: '`found`, `not_found` or an error code.' }),
  shadow: z.string(),
  fields: z
    .array(z.object({ path: z.string(), served: z.string(), shadow: z.string() }))
    .meta({ description: 'Kinds of values, never values.' }),
});

const DifferenceCount = z.object({
  kind: z.enum(differenceKinds),
  count: z.int(),
  first_at: z.string(),
  last_at: z.string(),
  examples: z.array(Example).meta({ description: 'The latest few.' }),
});
export type DifferenceCount = z.infer<typeof DifferenceCount>;

const ScriptReport = z.object({
  compared: z.int(),
  different: z.int(),
  skipped: z
    .int()
    .meta({ description: 'Not run for want of room, or an answer that says nothing of the script.' }),
  differences: z.array(DifferenceCount),
  timing: z
    .object({ served: Quantiles, shadow: Quantiles })
    .nullable()
    .meta({ description: 'Milliseconds, of the last thousand calls that were compared.' }),
});
export type ScriptReport = z.infer<typeof ScriptReport>;

export const ShadowReport = z
  .object({
    connection: z.string(),
    dir: z.string(),
    since: z.string().meta({
      description:
        'When the first call was compared, or the report first asked for, since either version has changed.',
    }),
    problems: z
      .array(z.object({ file: z.string(), line: z.int().optional(), message: z.string() }))
      .meta({ description: 'Why scripts of the new version cannot be run; they are not compared.' }),
    scripts: z.partialRecord(z.enum(actionNames), ScriptReport),
  })
  .meta({ id: 'ShadowReport' });
export type ShadowReport = z.infer<typeof ShadowReport>;
