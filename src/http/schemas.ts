import { z } from 'zod';
import { actionNames } from '../../sandbox/contract/actions.ts';
import { type ErrorCode, errorTable } from '../errors.ts';
import { Organization } from '../scripts/action-inputs.ts';

/** What crosses the wire. Requests are checked against these; the OpenAPI document is made of them. */

const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

export const withOrganization = { organization: Organization.optional() };

export const UserProfile = z
  .looseObject({ user_id: z.string() })
  .meta({ id: 'UserProfile', description: 'The profile as the script returned it, checked.' });

export const Execution = z
  .object({
    id: z.string().meta({ description: 'Also in `X-Execution-Id` and in the log.' }),
    duration_ms: z.number(),
    cold_start: z.boolean().meta({ description: 'Whether the connection had to be loaded first.' }),
  })
  .meta({ id: 'Execution' });

const Issue = z.object({ path: z.string(), message: z.string(), code: z.string() });

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(errorCodes),
    detail: z.string().optional(),
    instance: z.string(),
    retryable: z.boolean().meta({ description: 'Whether the same call may succeed later, unchanged.' }),
    connection: z.string().optional(),
    script: z.string().optional(),
    execution_id: z.string().optional(),
    issues: z.array(Issue).optional(),
    log_code: z.string().optional(),
    script_code: z.string().optional(),
    stack: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem details; docs/errors.md has a row per code.' });

const Warning = z.object({
  code: z.string(),
  message: z.string(),
  file: z.string().optional(),
  line: z.int().optional(),
});

const ConnectionProblem = z.object({
  file: z.string(),
  path: z.string(),
  message: z.string(),
  keeps_last_good: z.boolean(),
});

const Script = z.object({
  file: z.string(),
  sha256: z.string(),
  bytes: z.int(),
  arguments: z.enum(['context', 'plain']),
  helpers: z
    .array(z.object({ file: z.string(), sha256: z.string() }))
    .optional()
    .meta({ description: 'The files that the script requires by relative paths, if any.' }),
  problem: z
    .object({
      message: z.string(),
      file: z.string().optional().meta({ description: 'Set when the mistake is in a helper file.' }),
      line: z.int().optional(),
      column: z.int().optional(),
    })
    .optional(),
  warnings: z.array(Warning),
});

export const ConnectionSummary = z
  .object({
    name: z.string(),
    display_name: z.string().optional(),
    realms: z.array(z.string()),
    version: z.string().meta({ description: 'Changes with anything the connection is made of.' }),
    settings: z.record(z.string(), z.unknown()),
    configuration_keys: z.array(z.string()).meta({ description: 'Names only; values are never answered.' }),
    scripts: z.partialRecord(z.enum(actionNames), Script),
    warnings: z.array(Warning),
    problems: z.array(ConnectionProblem),
  })
  .meta({ id: 'Connection' });
export type ConnectionSummary = z.infer<typeof ConnectionSummary>;

export const RecordingList = z
  .object({
    recording: z.boolean().meta({ description: 'Whether the connection is recorded at present.' }),
    recordings: z.array(
      z.object({
        id: z.string().meta({ description: 'The id of the execution.' }),
        script: z.string(),
        code: z.string(),
        at: z.string().meta({ description: 'ISO 8601.' }),
        problem: z.string().optional().meta({ description: 'Why no fixture could be made of it.' }),
      }),
    ),
  })
  .meta({ id: 'RecordingList' });
export type RecordingList = z.infer<typeof RecordingList>;

/** One case of a fixture file; docs/fixture.schema.json describes it. */
export const RecordedFixture = z
  .looseObject({
    connection: z.string(),
    configuration: z.record(z.string(), z.string()),
    cases: z.array(z.looseObject({ name: z.string(), script: z.string() })),
  })
  .meta({ id: 'RecordedFixture', description: 'A redacted fixture file with one case.' });

export const ConnectionList = z
  .object({
    connections: z.array(ConnectionSummary),
    problems: z
      .array(ConnectionProblem.extend({ connection: z.string().optional() }))
      .meta({ description: 'Everything in the directory that cannot be served as it stands.' }),
  })
  .meta({ id: 'ConnectionList' });
export type ConnectionList = z.infer<typeof ConnectionList>;
