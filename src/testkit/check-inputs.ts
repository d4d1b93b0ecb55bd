import { z } from 'zod';
import { type ActionName, actionNames } from '../../sandbox/contract/actions.ts';
import { misspelt } from '../../sandbox/contract/nearest-module.ts';
import { EgressEntryText } from '../connections/egress-schema.ts';
import type { Issue } from '../errors.ts';
import { checkActionInput, Organization } from '../scripts/action-inputs.ts';
import { issuesOf } from '../scripts/input-issues.ts';
import { TestkitError, type TestkitErrorCode } from './testkit-error.ts';

/*
 * Test files are plain JavaScript more often than not, so no compiler has looked at what they give: a misspelt field
 * would make a test pass, or fail, for another reason than the one it was written for. These throw TestkitError.
 */

const amount = z.number().positive();
const strings = z.record(z.string(), z.string());

const sandboxOptions = {
  env: strings.optional(),
  configuration: strings.optional(),
  egressAllow: z.array(EgressEntryText).optional(),
  limits: z
    .strictObject({ wallMs: amount.optional(), cpuMs: amount.optional(), memoryMb: amount.optional() })
    .optional(),
};

const LoadOptions = z.strictObject({
  path: z.string().min(1),
  connection: z.string().optional(),
  ...sandboxOptions,
});

const ScriptOptions = z.strictObject({
  action: z.unknown(),
  source: z.string(),
  helpers: strings.optional(),
  input: z.unknown(),
  connectionOptions: z.record(z.string(), z.unknown()).optional(),
  organization: Organization.optional(),
  ...sandboxOptions,
});

const CallOptions = z.strictObject({ organization: Organization.optional() });

export function checkLoadOptions(options: unknown): void {
  hold('loadConnection', LoadOptions, options);
}

export function checkScriptOptions(options: object): void {
  hold('runScript', ScriptOptions, options);
  const { action, input } = options as { action?: unknown; input?: unknown };
  checkInput('runScript', action, input);
}

export function checkCall(action: unknown, input: unknown, options: unknown): void {
  checkInput('run', action, input);
  hold(`run('${action}', input, options)`, CallOptions, options);
}

export function checkSignup(input: unknown, options: unknown): void {
  refuse('invalid_input', 'signup(input)', checkActionInput('create', input));
  hold('signup(input, options)', CallOptions, options);
}

function checkInput(where: string, action: unknown, input: unknown): void {
  if (!isAction(action)) throw new TestkitError('unknown_action', `${where}: ${unknownAction(action)}`);
  refuse('invalid_input', `${where}, the input of ${action}`, checkActionInput(action, input));
}

const isAction = (value: unknown): value is ActionName => actionNames.some((name) => name === value);

function unknownAction(action: unknown): string {
  if (typeof action !== 'string') return `the action must be a string, one of ${actionNames.join(', ')}`;
  const nearest = misspelt(action.toLowerCase(), actionNames);
  if (nearest !== undefined) return `there is no action "${action}". Did you mean "${nearest}"?`;
  const signup = action === 'signup' ? '; a whole signup is connection.signup(input)' : '';
  return `there is no action "${action}"; the actions are ${actionNames.join(', ')}${signup}`;
}

function hold(where: string, schema: z.ZodType, value: unknown): void {
  const parsed = schema.safeParse(value);
  if (!parsed.success) refuse('invalid_options', where, issuesOf(parsed.error, schema, value));
}

function refuse(code: TestkitErrorCode, where: string, issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  const lines = issues.map(({ path, message }) => (path === '' ? message : `${path} ${message}`));
  throw new TestkitError(code, `${where}: ${lines.join('; ')}`, issues);
}
