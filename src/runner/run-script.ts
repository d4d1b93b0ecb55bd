import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Outcome, ResultNote } from '../../sandbox/contract/outcome.ts';
import { ServiceError } from '../errors.ts';
import type { Finished } from '../pool/pool.ts';
import type { ActionInputs } from '../scripts/actions.ts';
import { buildArguments, buildContext } from '../scripts/build-arguments.ts';
import type { Execution } from './execution.ts';
import { createMask, type Mask } from './mask-secrets.ts';
import { outcomeToError } from './outcome-to-error.ts';
import type { RunnerParts } from './runner-parts.ts';
import { secretInputs } from './secret-inputs.ts';

/** What a script gave to its callback as the second argument; `undefined` where it gave none. */
export interface Returned {
  value: unknown;
  notes: readonly ResultNote[];
}

/** Nothing at all: what JSON could not carry, a function or a Map, is null as well, and no word of a script's. */
export function isNothing({ value, notes }: Returned): boolean {
  return !value && notes.length === 0;
}

/**
 * Runs one script that has been checked (see check-script.ts) and hands what it returned to `read`, which throws a
 * ServiceError when that is not what the contract wants. Throws the table's error for every other outcome.
 */
export async function runScript<A extends ActionName, Result>(
  parts: RunnerParts,
  execution: Execution,
  action: A,
  input: ActionInputs[A],
  read: (returned: Returned) => Result,
): Promise<Result> {
  const startedAt = performance.now();
  const mask = lazyMask(execution, action, input);
  const finished = await execute(parts, execution, action, input, mask);
  execution.count(finished.timings);
  if (writes(action) && hasBegun(finished.outcome)) execution.writeBegan();
  const report = (code: Parameters<RunnerParts['onFinished']>[0]['code']) =>
    parts.onFinished({
      connection: execution.connection.name,
      script: action,
      execution: execution.id,
      outcome: finished.outcome.kind,
      code,
      durationMs: performance.now() - startedAt,
      timings: finished.timings,
    });
  try {
    const result = read(returnedBy(parts, finished, execution, action, mask));
    report('ok');
    return result;
  } catch (error) {
    report(error instanceof ServiceError ? error.code : 'internal_error');
    throw error instanceof ServiceError ? withMaskedWords(error, mask) : error;
  }
}

function hasBegun({ kind }: Outcome): boolean {
  return kind !== 'overloaded' && kind !== 'quarantined' && kind !== 'invalid';
}

function writes(action: ActionName): boolean {
  return action !== 'get_user' && action !== 'login';
}

/** The paths of a profile's issues are the script's own words: a field may be named by a secret. */
function withMaskedWords({ code, message, details }: ServiceError, mask: Mask): ServiceError {
  const issues = details.issues?.map((issue) => ({
    ...issue,
    path: mask(issue.path),
    message: mask(issue.message),
  }));
  return new ServiceError(code, { ...details, detail: mask(message), ...(issues ? { issues } : {}) });
}

function execute<A extends ActionName>(
  { pool, tenant, scriptTimeoutMs, log }: RunnerParts,
  execution: Execution,
  action: A,
  input: ActionInputs[A],
  mask: Mask,
): Promise<Finished> {
  const { connection, organization } = execution;
  const takesContext = connection.scripts[action]?.arguments === 'context';
  const context = takesContext ? buildContext(action, input, organization) : undefined;
  return pool.execute({
    execution: execution.nextJobId(),
    tenant,
    definition: connection.definition,
    action,
    args: buildArguments(action, input, { context }),
    wallMs: scriptTimeoutMs,
    // A write that a crash cut short may have been made.
    repeatable: action === 'get_user',
    onEvent: ({ event, level, text }) =>
      log({
        kind: 'script_event',
        level,
        connection: connection.name,
        script: action,
        execution: execution.id,
        code: event,
        text: mask(text),
      }),
  });
}

function returnedBy(
  { scriptTimeoutMs }: RunnerParts,
  { outcome }: Finished,
  execution: Execution,
  action: ActionName,
  mask: Mask,
): Returned {
  if (outcome.kind !== 'returned') {
    const { connection } = execution;
    const scope = { connection, action, mask, wallMs: scriptTimeoutMs };
    const { code, details } = outcomeToError(outcome, scope);
    throw execution.error(code, action, details);
  }
  const { result, notes } = outcome;
  return { value: result === undefined ? undefined : parseResult(result, execution, action), notes };
}

/** The text was written in the script's own realm, where a script may have replaced Array.prototype.join. */
function parseResult(result: string, execution: Execution, action: ActionName): unknown {
  try {
    return JSON.parse(result);
  } catch {
    throw execution.error('script_error', action, {
      detail: `${action} returned what cannot be written as JSON: it has replaced functions that JavaScript is made of`,
    });
  }
}

/** Most executions say nothing that needs masking. */
function lazyMask(execution: Execution, action: ActionName, input: object): Mask {
  let mask: Mask | undefined;
  return (text) => {
    mask ??= createMask(execution.connection.definition.configuration, secretInputs(action, input));
    return mask(text);
  };
}
