import type { ScriptFailure } from '../contract/outcome.ts';
import { post } from './bridge.ts';
import { enterEnvironment } from './environment.ts';
import { type FileModule, openScriptModule } from './helper-files.ts';
import { readFailure, readPassedFailure } from './read-failure.ts';
import { ResultTooLong, serializeResult } from './serialize-result.ts';

type Entry = (...args: unknown[]) => unknown;
/** A script's source inside the wrapper that the host puts around it; answers the entry function. */
type Factory = (
  exports: unknown,
  require: unknown,
  module: FileModule,
  filename: string,
  dirname: string,
) => unknown;

interface RunRequest {
  action: string;
  file: string;
  args: unknown[];
  maxResultBytes: number;
}

interface DefinedScript {
  factory: Factory;
  /** Which of the helper sets it sees, and from where; none where the connection has no helper files. */
  set: number | undefined;
  from: string | undefined;
}

const scripts = new Map<string, DefinedScript>();
const entries = new Map<string, Entry>();
/** The host's number of the execution that is under way; 0 when there is none. */
let current = 0;

export function defineScript(action: string, factory: Factory, set?: number, from?: string): void {
  scripts.set(action, { factory, set, from });
}

/** `late`: thrown by what an earlier execution left behind, which does not end this one. */
export function reportUncaught(failure: ScriptFailure, late: boolean): void {
  post(late ? 'late-error' : 'uncaught', current, failure);
}

/** Runs the entry of a script; its outcome is posted, once, under the execution's number. */
export function runScript(execution: number, json: string): void {
  current = execution;
  const request = JSON.parse(json) as RunRequest;
  enterEnvironment(request.action);
  let entry: Entry;
  try {
    entry = entryOf(request);
  } catch (error) {
    return post('uncaught', execution, readFailure(error));
  }
  const { callback, fail } = makeCallback(execution, request.maxResultBytes);
  try {
    const returned = entry(...request.args, callback);
    if (isThenable(returned)) returned.then(undefined, fail);
  } catch (error) {
    fail(error);
  }
}

function entryOf(request: RunRequest): Entry {
  const known = entries.get(request.action);
  if (known) return known;
  const script = scripts.get(request.action);
  const { module, require } = openScriptModule(script?.from ?? request.file, script?.set);
  const found = script?.factory(module.exports, require, module, module.filename, module.path);
  module.loaded = true;
  const entry = unwrapped(found, module.exports);
  if (!entry) throw new TypeError(`${request.file} defines no function to call for ${request.action}`);
  entries.set(request.action, entry);
  return entry;
}

/** Transpilers put the function on `exports.default`. */
function unwrapped(found: unknown, exported: unknown): Entry | undefined {
  for (const candidate of [found, (found as { default?: unknown } | undefined)?.default, exported]) {
    if (typeof candidate === 'function') return candidate as Entry;
  }
  return undefined;
}

/** The callback counts once; what comes after is posted as late and changes nothing. */
function makeCallback(execution: number, maxResultBytes: number) {
  let called = false;
  const first = (): boolean => {
    if (!called && execution === current) {
      called = true;
      return true;
    }
    post('late', execution, undefined);
    return false;
  };
  const callback = (error?: unknown, ...results: unknown[]): void => {
    if (!first()) return;
    if (error) return post('rejected', execution, readPassedFailure(error));
    try {
      const { json, notes } = serializeResult(results[0], maxResultBytes);
      if (json !== undefined && json.length > maxResultBytes) throw new ResultTooLong(json.length);
      post('returned', execution, { result: json, notes });
    } catch (unreadable) {
      if (unreadable instanceof ResultTooLong) {
        return post('too-large', execution, { bytes: unreadable.length });
      }
      post('rejected', execution, readFailure(unreadable));
    }
  };
  const fail = (error: unknown): void => {
    if (called) post('late-error', execution, readFailure(error));
    else if (first()) post('rejected', execution, readFailure(error));
  };
  return { callback, fail };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
