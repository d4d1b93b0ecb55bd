import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Exchange } from '../../sandbox/contract/exchange.ts';
import type { Outcome } from '../../sandbox/contract/outcome.ts';
import { ServiceError } from '../errors.ts';
import { createMask, type Mask } from '../masking/mask-secrets.ts';
import { maskIssue } from '../masking/own-names.ts';
import { secretInputs } from '../masking/secret-inputs.ts';
import type { Finished } from '../pool/pool.ts';
import type { ActionInputs } from '../scripts/actions.ts';
import { buildArguments, buildContext } from '../scripts/build-arguments.ts';
import type { Execution } from './execution.ts';
import { outcomeToError } from './outcome-to-error.ts';
import type { Returned } from './returned.ts';
import type { RunnerParts } from './runner-parts.ts';
import type { ScriptObserver } from './script-observer.ts';

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
  const { connection, organization, observe = parts.observe } = execution;
  const observer = observe?.({ connection, script: action, input, organization, execution: execution.id });
  const finished = await execute(parts, execution, action, input, mask, observer);
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
    const returned = returnedBy(parts, finished, execution, action, mask);
    observer?.onReturned?.(returned);
    const result = read(returned);
    report('ok');
    observer?.onEnd?.({ code: 'ok', result, timings: finished.timings });
    return result;
  } catch (error) {
    report(error instanceof ServiceError ? error.code : 'internal_error');
    if (!(error instanceof ServiceError)) throw error;
    const masked = withMaskedWords(error, mask);
    observer?.onEnd?.({ code: masked.code, error: masked, timings: finished.timings });
    throw masked;
  }
}

function hasBegun({ kind }: Outcome): boolean {
  return kind !== 'overloaded' && kind !== 'quarantined' && kind !== 'invalid';
}

function writes(action: ActionName): boolean {
  return action !== 'get_user' && action !== 'login';
}

/**
 * The paths of a profile's issues are the script's own words: a field may be named by a secret. Everything else that a
 * script has said is masked where it is read (outcome-to-error.ts); codes and sentences of our own are not, whatever
 * the password is.
 */
function withMaskedWords(error: ServiceError, mask: Mask): ServiceError {
  const { code, message, details } = error;
  if (!details.issues) return error;
  const issues = details.issues.map((issue) => maskIssue(issue, mask));
  const [first] = details.issues;
  const detail = first ? message.replace(first.message, () => issues[0]!.message) : message;
  return new ServiceError(code, { ...details, detail, issues });
}

function execute<A extends ActionName>(
  { pool, tenant, scriptTimeoutMs, log }: RunnerParts,
  execution: Execution,
  action: A,
  input: ActionInputs[A],
  mask: Mask,
  observer: ScriptObserver | undefined,
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
    onExchange: eachOf(observer?.onExchange, execution.onExchange),
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

/** Undefined where nobody listens: recording would cost for nothing. */
function eachOf(one: ScriptObserver['onExchange'], other: ScriptObserver['onExchange']) {
  if (!one || !other) return one ?? other;
  return (exchange: Exchange) => {
    one(exchange);
    other(exchange);
  };
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
