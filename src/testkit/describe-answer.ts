import { inspect } from 'node:util';
import type { ErrorCode } from '../errors.ts';
import { callsOf } from './call-notes.ts';
import type { RunFailure, RunResult } from './run-result.ts';

/** More of a script's console than this hides the rest of the message. */
const LAST_LINES = 20;

/** What came instead, for the message of an assertion: the outcome, what the script wrote, and what to do next. */
export function describeAnswer(answer: RunResult<unknown>): string {
  return [
    ...describeUnanswered(answer),
    answer.ok ? describeResult(answer.result) : describeFailure(answer),
    describeConsole(answer),
  ]
    .filter((part) => part !== '')
    .join('\n');
}

/** Calls that went to the network, which has no such server. */
function describeUnanswered(answer: RunResult<unknown>): string[] {
  return callsOf(answer).flatMap(({ request, unanswered }) =>
    unanswered === undefined
      ? []
      : [`${request} had no answer (${unanswered}): nobody intercepted it, and no server took it.`],
  );
}

function describeResult(result: unknown): string {
  if (isNotFound(result)) {
    return 'The script answered not found: it called callback(null) without a profile.\nNext: compare the look-up that it made with what the store was to answer.';
  }
  return `The script answered ${inspect(result, { depth: 6 })}`;
}

function describeFailure(answer: RunFailure): string {
  const { code, message, stack, issues, scriptCode, logCode } = answer;
  const more = [scriptCode && `scriptCode ${scriptCode}`, logCode && `logCode ${logCode}`].filter(Boolean);
  return [
    `The script failed with ${code}${more.length > 0 ? ` (${more.join(', ')})` : ''}: ${message}`,
    ...stack.map((frame) => `    ${frame.trim()}`),
    ...issues.map(({ path, message }) => `  - ${path === '' ? 'the whole' : path}: ${message}`),
    `Next: ${unanswered(message) ?? ofCalls(answer) ?? nextSteps[code] ?? 'docs/errors.md says what this code means.'}`,
  ].join('\n');
}

function describeConsole({ console }: RunResult<unknown>): string {
  if (console.length === 0) return '';
  const left = console.length - LAST_LINES;
  return [
    left > 0 ? `Its console, the last ${LAST_LINES} of ${console.length} lines:` : 'Its console:',
    ...console.slice(-LAST_LINES).map(({ level, text }) => `  ${level}: ${text}`),
  ].join('\n');
}

export function isNotFound(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'found' in result && result.found === false;
}

/** For a request that nock or MSW refused, because the test has no answer for it. */
function unanswered(message: string): string | undefined {
  if (message.includes('[MSW] Cannot bypass'))
    return 'give the server a handler for the request; MSW named it above, in the console of the test.';
  return /\bNock: (No match|Disallowed)/.test(message)
    ? 'compare the request that the script made with those that the test gave nock an answer for.'
    : undefined;
}

/** By what became of the calls of a script that failed. */
function ofCalls(answer: RunFailure): string | undefined {
  const calls = callsOf(answer);
  if (calls.some(({ unanswered }) => unanswered !== undefined))
    return 'let nock, MSW or a server of the test answer the request named above.';
  const refused = calls.findLast(({ status }) => status !== undefined);
  if (answer.code !== 'script_error' || !refused) return undefined;
  return `${refused.request} was answered ${refused.status}; if the test was to see another answer, change what it gives there.`;
}

const nextSteps: Partial<Record<ErrorCode, string>> = {
  script_error:
    'if the test was to see another answer, look at the first line above, and at what the requests of the script were answered.',
  script_no_callback: 'call the callback once on every way through the script, also after an await.',
  script_timeout: 'answer the call that the script waits for, or give loadConnection a larger limits.wallMs.',
  script_not_found: "name the script in options.customScripts of the connection's database.json.",
  script_invalid: 'put right what is named above; the script was never run.',
  invalid_profile: 'return the fields named above as docs/profiles.md wants them.',
  context_object_disabled: 'set options.enable_script_context, so that get_user can tell a user_id.',
  user_id_mismatch: 'return the user who was asked for, with the same user_id from every script.',
  identifier_mismatch: 'return the user who was asked for, with the identifier in the profile.',
  user_exists: 'let the store of the test not have this user, or expect user_exists.',
};
