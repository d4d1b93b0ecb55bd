import * as z from 'zod';
import { actionNames } from './actions.ts';
import { ConnectionDefinition } from './definition.ts';
import { Exchange } from './exchange.ts';
import { Outcome, Timings } from './outcome.ts';
import { UpstreamTls } from './upstream-tls.ts';

/** The messages between the service and a sandbox process: one JSON text per line, parsed at both ends. */

export const Limits = z.object({
  wallMs: z.number().int().positive(),
  cpuMs: z.number().int().positive(),
  memoryMb: z.number().int().positive(),
});
export type Limits = z.infer<typeof Limits>;

export const ToHost = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('start'),
    limits: Limits,
    /** What may be reached although private, see egress-entry.ts; `name=entry` by that connection alone. */
    egressAllow: z.array(z.string()),
    /** `network`: the host calls upstreams itself. `parent`: it asks the parent to, as the testkit does. */
    upstream: z.enum(['network', 'parent']),
    guestDirectory: z.string(),
    /** Whether events of level `debug` are wanted: there is one for each upstream call. */
    debugEvents: z.boolean(),
    /** Whether it is told which parts of the scripts each execution has run: for tests, which may take longer. */
    coverage: z.boolean().optional(),
  }),
  z.object({ type: z.literal('load'), definition: ConnectionDefinition }),
  z.object({ type: z.literal('unload'), connection: z.string(), version: z.string() }),
  z.object({
    type: z.literal('run'),
    execution: z.string(),
    connection: z.string(),
    version: z.string(),
    action: z.enum(actionNames),
    /** The arguments before the callback, as a JSON array. */
    args: z.string(),
    /** Milliseconds left until the deadline, counted from when the message is read. */
    wallMs: z.number(),
    /** Whether `exchange` messages are wanted; not unless it is said. */
    record: z.boolean().optional(),
  }),
  z.object({ type: z.literal('ping'), id: z.number() }),
  z.object({
    type: z.literal('upstream-answer'),
    id: z.number(),
    status: z.number().int(),
    statusText: z.string(),
    /** Raw name, value, name, value. */
    headers: z.array(z.string()),
    /** base64 */
    body: z.string(),
  }),
  z.object({ type: z.literal('upstream-failed'), id: z.number(), code: z.string(), message: z.string() }),
]);
export type ToHost = z.infer<typeof ToHost>;

export const LogLevel = z.enum(['debug', 'info', 'warn', 'error']);

/**
 * Things worth a log line that are not an execution's outcome. `text` is a script's own words; of `coverage`, which comes
 * before the outcome, a `FileCoverage[]` as base64.
 */
export const ExecutionEvent = z.object({
  type: z.literal('event'),
  execution: z.string(),
  event: z.enum(['console', 'upstream', 'egress_blocked', 'late_callback', 'late_error', 'coverage']),
  level: LogLevel,
  text: z.string(),
});
export type ExecutionEvent = z.infer<typeof ExecutionEvent>;

export const FromHost = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), pid: z.number() }),
  z.object({ type: z.literal('done'), execution: z.string(), outcome: Outcome, timings: Timings }),
  ExecutionEvent,
  /** Before the `done` of its execution, never after it. */
  z.object({ type: z.literal('exchange'), execution: z.string(), exchange: Exchange }),
  z.object({
    type: z.literal('pong'),
    id: z.number(),
    rssMb: z.number(),
    isolates: z.number(),
    /** CPU time of the thread that has the event loop, since the process began. */
    threadMs: z.number(),
  }),
  /** The process must not be given more work: an isolate in it can no longer be ended. */
  z.object({
    type: z.literal('spoiled'),
    reason: z.string(),
    /** Whose script has done it, where that is known. */
    suspect: z.object({ connection: z.string(), version: z.string() }).optional(),
  }),
  z.object({
    type: z.literal('upstream-request'),
    id: z.number(),
    execution: z.string().optional(),
    method: z.string(),
    url: z.string(),
    headers: z.array(z.string()),
    body: z.string(),
    tls: UpstreamTls.optional(),
  }),
  z.object({ type: z.literal('upstream-abort'), id: z.number() }),
]);
export type FromHost = z.infer<typeof FromHost>;
