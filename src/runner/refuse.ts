import type { ActionName } from '../../sandbox/contract/actions.ts';
import type { Connection } from '../connections/connection.ts';
import { ServiceError } from '../errors.ts';
import { outcomeToError } from './outcome-to-error.ts';
import type { RunnerParts } from './runner-parts.ts';

/** Says no before there is anything to run, where the pool would say no: a connection that floods is to cost little. */
export function refuse(
  { pool, tenant, scriptTimeoutMs, onFinished }: RunnerParts,
  connection: Connection,
  action: ActionName,
  executionId: string,
): ServiceError | undefined {
  const outcome = pool.refusal({ tenant, definition: connection.definition, wallMs: scriptTimeoutMs });
  if (!outcome) return undefined;
  const scope = { connection, action, mask: asItIs, wallMs: scriptTimeoutMs };
  const { code, details } = outcomeToError(outcome, scope);
  const { name } = connection;
  const timings = { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
  const finished = { connection: name, script: action, execution: executionId, durationMs: 0, timings };
  onFinished({ ...finished, outcome: outcome.kind, code });
  return new ServiceError(code, { ...details, connection: name, script: action, executionId, timings });
}

/** No script has said any of it. */
const asItIs = (text: string) => text;
