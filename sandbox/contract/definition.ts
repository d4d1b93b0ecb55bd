import * as z from 'zod';
import { actionNames } from './actions.ts';

/**
 * How to get the entry function out of a script's source, found by parsing it, never by running it.
 * `declared`: a top-level binding of that name. `expression`: the whole source is one function expression.
 * `statement`: the function expression statement that begins at `offset` (UTF-16 units into the source).
 * `exports`: `module.exports` after the source has run, or the property `key` of it: `module.exports = { login() {…} }`.
 */
export const ScriptEntry = z.discriminatedUnion('form', [
  z.object({ form: z.literal('declared'), name: z.string() }),
  z.object({ form: z.literal('expression') }),
  z.object({ form: z.literal('statement'), offset: z.number().int() }),
  z.object({ form: z.literal('exports'), key: z.string().optional() }),
]);
export type ScriptEntry = z.infer<typeof ScriptEntry>;

export const ScriptDefinition = z.object({
  action: z.enum(actionNames),
  /** What stacks show: `acme/get_user.js`. */
  file: z.string(),
  source: z.string(),
  entry: ScriptEntry,
  /** The literal `require('x')`s of the source and its helper files, pins included; loaded ahead of the first run. */
  requires: z.array(z.string()),
  /** Where its relative requires lead: which of the helper sets they find, seen from which place in it. */
  helpers: z.object({ set: z.number().int().nonnegative(), from: z.string() }).optional(),
});
export type ScriptDefinition = z.infer<typeof ScriptDefinition>;

/** A file that scripts require by a relative path; JSON where its name ends in `.json`. */
export const HelperFile = z.object({
  /** What stacks show and lookups go by: `acme/lib/hash.js`. */
  file: z.string(),
  source: z.string(),
});
export type HelperFile = z.infer<typeof HelperFile>;

/** Lists of places, see egress-entry.ts, which narrow what the operator lets scripts reach. */
export const EgressLists = z.object({
  /** Where it is given, nothing else may be reached. */
  allow: z.array(z.string()).optional(),
  /** Wins over everything. */
  deny: z.array(z.string()).optional(),
});
export type EgressLists = z.infer<typeof EgressLists>;

/** All a sandbox process is told of a connection. `version` changes with any of the rest. */
export const ConnectionDefinition = z.object({
  name: z.string(),
  version: z.string(),
  /** The connection that it is a second version of: the operator's entries for that one hold for it. */
  shadowOf: z.string().optional(),
  /** `process`: as `connection`, and the service runs it in a process that nobody else is in. */
  isolation: z.enum(['connection', 'execution', 'process']),
  /** `options.configuration`, in clear: for the script alone. */
  configuration: z.record(z.string(), z.string()),
  egress: EgressLists.optional(),
  scripts: z.array(ScriptDefinition),
  /**
   * The helper files, each once. There is one set, unless a script is kept in its last good version while files that
   * it shares with others have changed: it has those of its own version then.
   */
  helperSets: z.array(z.array(HelperFile)).optional(),
});
export type ConnectionDefinition = z.infer<typeof ConnectionDefinition>;
