import type { Request, RequestHandler, Response } from 'express';
import type { Timings } from '../../sandbox/contract/outcome.ts';
import type { Connection } from '../connections/connection.ts';
import { type ErrorCode, ServiceError } from '../errors.ts';
import type { EventInput } from '../events/log-event.ts';
import type { ActionAnswer } from '../runner/runner.ts';
import { jsonAnswer, sendAnswer } from './answer.ts';
import type { AppParts } from './app-parts.ts';
import { type Call, callOf, newExecutionId } from './call.ts';
import type { ScriptBody, ScriptEndpoint } from './endpoints/script-endpoint.ts';
import { findConnection } from './find-connection.ts';
import { type CodedAnswer, idempotencyKeyOf } from './idempotency.ts';
import { clientAddress, networkOf } from './login/client-source.ts';
import type { RefusalPace } from './pace-refusals.ts';
import { problemAnswer, serviceErrorFrom } from './problem.ts';
import { readJsonBody } from './read-json-body.ts';
import { reportError } from './report-error.ts';
import { type EventSubject, failureEvent, successEvent } from './script-event.ts';
import { validateBody } from './validate-body.ts';

type Parts = Pick<
  AppParts,
  'store' | 'runner' | 'userHandles' | 'idempotency' | 'logins' | 'events' | 'logger'
>;

const tenths = (ms: number) => Math.max(0, Math.round(ms * 10) / 10);

/** `sandbox` is what the other phases leave of the whole: crossing processes, starting isolates, checking. */
function serverTiming(durationMs: number, timings: Timings): string {
  const sandboxMs = durationMs - timings.queueMs - timings.scriptMs;
  return (
    `queue;dur=${tenths(timings.queueMs)}, sandbox;dur=${tenths(sandboxMs)}, ` +
    `script;dur=${tenths(timings.scriptMs)}, upstream;dur=${tenths(timings.upstreamMs)}`
  );
}

function executionHeaders(id: string, durationMs: number | undefined, timings: Timings | undefined) {
  const headers: Record<string, string> = { 'X-Execution-Id': id };
  if (timings) headers['Server-Timing'] = serverTiming(durationMs ?? 0, timings);
  return headers;
}

function answerOf(endpoint: ScriptEndpoint, { result, execution }: ActionAnswer<object>): CodedAnswer {
  const { id, durationMs, timings } = execution;
  const headers = executionHeaders(id, durationMs, timings);
  const { coldStart } = timings;
  if (endpoint.status === 204) return { answer: { status: 204, headers }, coldStart };
  const body = {
    ...result,
    execution: { id, duration_ms: tenths(durationMs), cold_start: coldStart },
  };
  return { answer: jsonAnswer(endpoint.status, body, headers), coldStart };
}

interface Asked {
  req: Request;
  call: Call;
  parts: Parts;
  /** For events. */
  subject: EventSubject;
}

function tell({ events }: Parts, event: EventInput | undefined): void {
  if (event) events.emit(event);
}

/** Errors are answers here, so that an idempotency key can keep them. */
function failedAnswer(
  thrown: unknown,
  executionId: string,
  { req, call, parts, subject }: Asked,
): CodedAnswer {
  const error = serviceErrorFrom(thrown);
  tell(parts, failureEvent(subject, error, executionId));
  reportError(error, call, parts.logger);
  const { durationMs, timings } = error.details;
  const problem = problemAnswer(error, { call, path: req.path, withKey: true });
  const headers = { ...problem.headers, ...executionHeaders(executionId, durationMs, timings) };
  const { writeBegun = false } = error.details;
  const coldStart = timings?.coldStart ?? false;
  return { answer: { ...problem, headers }, code: error.code, writeBegun, coldStart };
}

async function execute(
  endpoint: ScriptEndpoint,
  connection: Connection,
  body: ScriptBody,
  asked: Asked,
): Promise<CodedAnswer> {
  const { call, parts, subject } = asked;
  const executionId = newExecutionId();
  call.executionId = executionId;
  try {
    const options = { executionId, organization: body.organization };
    const answer = await endpoint.run(parts, connection, body, options);
    tell(parts, successEvent(subject, answer));
    return answerOf(endpoint, answer);
  } catch (error) {
    return failedAnswer(error, executionId, asked);
  }
}

/** Where guesses are counted a login may be refused before it is one. */
async function attempt(
  connection: Connection,
  identifier: string,
  { parts, subject }: Asked,
  { address, run }: { address: ReturnType<typeof clientAddress>; run: () => Promise<CodedAnswer> },
): Promise<CodedAnswer> {
  try {
    return await parts.logins.attempt({ connection, identifier, source: networkOf(address) }, run);
  } catch (error) {
    if (error instanceof ServiceError) tell(parts, failureEvent(subject, error, undefined));
    throw error;
  }
}

/**
 * Before the body is read: of a connection that sends more than it may. A key may stand for an answer that there is
 * already, which costs the connection nothing.
 */
function refuseAtOnce(
  endpoint: ScriptEndpoint,
  req: Request,
  call: Call,
  parts: Parts,
): CodedAnswer | undefined {
  const connection = parts.store.get(String(req.params.connection));
  if (!connection || (endpoint.idempotent && req.get('idempotency-key') !== undefined)) return undefined;
  const action = endpoint.script === 'signup' ? 'get_user' : endpoint.script;
  const executionId = newExecutionId();
  const error = parts.runner.refusal(connection, action, executionId);
  if (!error) return undefined;
  call.connection = connection.name;
  call.executionId = executionId;
  call.code = error.code;
  const subject = { endpoint, connection: connection.name, ip: clientAddress(req)?.toString() };
  return failedAnswer(error, executionId, { req, call, parts, subject });
}

/** What has waited for its turn, and was refused in the end, has been slowed down already. */
const AT_ONCE_MS = 50;

function wasRefusedAtOnce(code: ErrorCode | undefined, since: number): boolean {
  const refused = code === 'overloaded' || code === 'connection_quarantined';
  return refused && performance.now() - since < AT_ONCE_MS;
}

async function answerRequest(
  endpoint: ScriptEndpoint,
  req: Request,
  res: Response,
  parts: Parts,
  pace: RefusalPace,
): Promise<void> {
  const since = performance.now();
  const call = callOf(res);
  call.script = endpoint.script;
  const refused = refuseAtOnce(endpoint, req, call, parts);
  if (refused) {
    await pace.turn(call.connection ?? '');
    return sendAnswer(res, refused.answer);
  }
  const raw = await readJsonBody(req);
  const connection = findConnection(parts.store, req, call);
  const body = validateBody(endpoint.schemaFor?.(raw) ?? endpoint.body, raw);
  const address = clientAddress(req);
  const subject = { endpoint, connection: connection.name, body, ip: address?.toString() };
  const asked = { req, call, parts, subject };
  const execution = () => execute(endpoint, connection, body, asked);
  const identifier = endpoint.identifierOf?.(body);
  const run =
    identifier === undefined
      ? execution
      : () => attempt(connection, identifier, asked, { address, run: execution });
  const key = endpoint.idempotent ? idempotencyKeyOf(req.get('idempotency-key')) : undefined;
  if (key === undefined) {
    const { answer, code } = await run();
    if (code) call.code = code;
    if (wasRefusedAtOnce(code, since)) await pace.turn(connection.name);
    return sendAnswer(res, answer);
  }
  const scope = [call.principal?.tenant ?? '', connection.name, endpoint.path];
  const { answer, code, replayed } = await parts.idempotency.once({ scope, key, body }, run);
  if (code) call.code = code;
  if (wasRefusedAtOnce(code, since)) await pace.turn(connection.name);
  const original = answer.headers['X-Execution-Id'];
  if (original !== undefined) call.executionId = original;
  sendAnswer(res, answer, replayed ? { 'Idempotent-Replay': 'true' } : undefined);
}

/** The handler of an endpoint that runs scripts: body in, execution, answer out. */
export function runScript(endpoint: ScriptEndpoint, parts: Parts, pace: RefusalPace): RequestHandler {
  return (req, res) => answerRequest(endpoint, req, res, parts, pace);
}
