import fc from 'fast-check';
import type { FromHost, ToHost } from '../../sandbox/contract/messages.ts';
import { damaged, jsonValue, nearly } from './fuzz.ts';

/** Of these two parties, messages that are as they should be. */
export const execution = 'exec_1';
const timings = { queueMs: 1, scriptMs: 2, upstreamMs: 0, cpuMs: 1, coldStart: false };
const failure = {
  kind: 'ValidationError' as const,
  name: 'ValidationError',
  message: 'no',
  code: 'x',
  stack: ['at login (acme/login.js:1:1)'],
  place: { file: 'acme/login.js', line: 1, column: 1 },
};

export const fromHost: FromHost[] = [
  { type: 'ready', pid: 7 },
  { type: 'done', execution, outcome: { kind: 'returned', result: '{"user_id":"1"}', notes: [] }, timings },
  { type: 'done', execution, outcome: { kind: 'rejected', failure }, timings },
  { type: 'done', execution: 'exec_of_another', outcome: { kind: 'crashed' }, timings },
  { type: 'done', execution, outcome: { kind: 'timeout', limit: 'cpu', limitMs: 10 }, timings },
  { type: 'event', execution, event: 'console', level: 'info', text: 'hello' },
  {
    type: 'exchange',
    execution,
    exchange: {
      kind: 'http',
      method: 'GET',
      url: 'http://127.0.0.1/',
      headers: ['a', 'b'],
      body: { base64: '', cut: false },
      cut: false,
      startedMs: 1,
      durationMs: 2,
      unfinished: false,
    },
  },
  { type: 'exchange', execution, exchange: { kind: 'more' } },
  { type: 'pong', id: 1, rssMb: 10, isolates: 1, threadMs: 5 },
  { type: 'spoiled', reason: 'an isolate could not be ended' },
  { type: 'upstream-request', id: 1, method: 'GET', url: 'http://127.0.0.1/', headers: ['a', 'b'], body: '' },
  { type: 'upstream-abort', id: 1 },
];

const definition = {
  name: 'acme',
  version: 'v1',
  isolation: 'connection' as const,
  configuration: { KEY: 'value' },
  scripts: [
    {
      action: 'login' as const,
      file: 'acme/login.js',
      source: 'function login(a, b, c, callback) { callback(null, { user_id: "1" }); }',
      entry: { form: 'declared' as const, name: 'login' },
      requires: ['axios'],
      helpers: { set: 0, from: 'acme/login.js' },
    },
  ],
  helperSets: [[{ file: 'acme/helper.js', source: '' }]],
};

export const toHost: ToHost[] = [
  { type: 'load', definition },
  { type: 'unload', connection: 'acme', version: 'v1' },
  {
    type: 'run',
    execution,
    connection: 'acme',
    version: 'v1',
    action: 'login',
    args: '["a","b",{}]',
    wallMs: 500,
    record: true,
  },
  { type: 'run', execution, connection: 'nowhere', version: '', action: 'verify', args: '', wallMs: -1 },
  { type: 'ping', id: 1 },
  { type: 'upstream-answer', id: 9, status: 200, statusText: 'OK', headers: [], body: '' },
  { type: 'upstream-failed', id: 9, code: 'ECONNRESET', message: 'gone' },
];

/** Lines that are messages, nearly messages or nothing of the kind, and what is no line at all. */
export function bytesNear(messages: readonly object[]): fc.Arbitrary<Buffer> {
  const message = fc.constantFrom(...messages);
  const line = fc.oneof(
    {
      weight: 4,
      arbitrary: message.chain((one) => nearly(one, 5)).map((value) => `${JSON.stringify(value)}\n`),
    },
    { weight: 2, arbitrary: message.chain((one) => damaged(`${JSON.stringify(one)}\n`)) },
    { weight: 1, arbitrary: jsonValue.map((value) => `${JSON.stringify(value)}\n`) },
    {
      weight: 1,
      arbitrary: fc.nat({ max: 20_000 }).map((depth) => `${'['.repeat(depth)}${']'.repeat(depth)}\n`),
    },
  );
  const raw = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const bytes = fc.oneof(
    { weight: 6, arbitrary: line.map((text) => Buffer.from(text)) },
    { weight: 1, arbitrary: raw },
  );
  return fc.array(bytes, { minLength: 1, maxLength: 6 }).map((all) => Buffer.concat(all));
}
