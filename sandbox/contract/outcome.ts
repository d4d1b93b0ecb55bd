import * as z from 'zod';

/** A place in a script's own source, 1-based. */
export const SourcePlace = z.object({
  file: z.string(),
  line: z.number().int(),
  column: z.number().int(),
});
export type SourcePlace = z.infer<typeof SourcePlace>;

/**
 * An error of a script, read inside the isolate: strings only, so that nothing hostile is left to read.
 * `kind` is the error class of the sandbox it is an instance of, if it is one.
 */
export const ScriptFailure = z.object({
  kind: z.enum(['WrongUsernameOrPasswordError', 'ValidationError', 'UnauthorizedError', 'Error']),
  name: z.string(),
  message: z.string(),
  /** `error.code`, where it is a string: ECONNREFUSED, MODULE_NOT_FOUND, the code of a ValidationError. */
  code: z.string().optional(),
  /** WrongUsernameOrPasswordError: whether its first argument was truthy (the user is known). */
  userKnown: z.boolean().optional(),
  /** Frames of the tenant's own files, innermost first: `at login (acme/login.js:3:9)`. */
  stack: z.array(z.string()),
  place: SourcePlace.optional(),
});
export type ScriptFailure = z.infer<typeof ScriptFailure>;

/** What the guest's serializer had to change or could not carry, by path within the result. */
export const ResultNote = z.object({
  path: z.string(),
  code: z.enum(['object_id_to_string', 'date_to_string', 'bigint_to_string', 'not_json', 'circular']),
  message: z.string(),
});
export type ResultNote = z.infer<typeof ResultNote>;

export const Timings = z.object({
  /** Milliseconds, with fractions. `queue`: until the isolate took it. `script`: from entry to callback. */
  queueMs: z.number(),
  scriptMs: z.number(),
  /** Of scriptMs, the time in which at least one upstream call was under way. */
  upstreamMs: z.number(),
  cpuMs: z.number(),
  coldStart: z.boolean(),
});
export type Timings = z.infer<typeof Timings>;

/**
 * How an execution ended. Outcomes are data: the host says what happened, the service decides what it means.
 * `returned`: the callback was called without an error; `result` is its second argument as JSON text.
 * `rejected`: the callback was called with an error, the entry threw, or its promise was rejected.
 * `uncaught`: a throw in a timer's or request's callback, or an unhandled rejection.
 */
export const Outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('returned'), result: z.string().optional(), notes: z.array(ResultNote) }),
  z.object({ kind: z.literal('rejected'), failure: ScriptFailure }),
  z.object({ kind: z.literal('uncaught'), failure: ScriptFailure }),
  z.object({ kind: z.literal('invalid'), failure: ScriptFailure }),
  z.object({ kind: z.literal('no_callback') }),
  z.object({ kind: z.literal('timeout'), limit: z.enum(['wall', 'cpu']), limitMs: z.number() }),
  z.object({ kind: z.literal('out_of_memory'), limitMb: z.number() }),
  z.object({ kind: z.literal('result_too_large'), bytes: z.number(), limitBytes: z.number() }),
  z.object({ kind: z.literal('crashed') }),
  z.object({ kind: z.literal('overloaded'), reason: z.string().optional(), retryAfterS: z.number() }),
  /** Never begun: the connection's scripts keep ending sandbox processes, `reason` says how. */
  z.object({ kind: z.literal('quarantined'), reason: z.string(), retryAfterS: z.number() }),
]);
export type Outcome = z.infer<typeof Outcome>;
