import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ScriptRun } from '../../src/cli/run/execute-script.ts';
import { nextStep } from '../../src/cli/run/next-step.ts';
import type { RunFlags } from '../../src/cli/run/run-flags.ts';
import type { RunReport } from '../../src/cli/run/run-report.ts';
import { runCommand } from '../../src/cli/run.ts';
import type { ErrorCode } from '../../src/errors.ts';
import type { TestSandbox } from '../../src/testkit/open-sandbox.ts';
import { commandIo, openNetworkSandbox, startStore } from './command-io.ts';

const TOKEN = 'configuration-value-0815';
const scripts: Record<string, string> = {
  'lib/api.js': `exports.ask = async (path, options = {}) => {
  const answer = await fetch(configuration.API_URL + path, {
    headers: { authorization: 'Bearer ' + configuration.API_TOKEN }, ...options });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw new Error('the store said ' + answer.status + ' to ' + configuration.API_TOKEN);
  return answer.json();
};`,
  'get_user.js': `async function getUser(identifierValue, context, callback) {
  console.log('asked for', identifierValue, configuration.API_TOKEN);
  try {
    callback(null, await require('./lib/api').ask('/users?id=' + encodeURIComponent(identifierValue)));
  } catch (error) {
    callback(error);
  }
}`,
  'login.js': `async function login(identifier, password, context, callback) {
  const user = await require('./lib/api').ask('/login?id=' + identifier, { method: 'POST', body: JSON.stringify({ identifier, password }) });
  if (!user) return callback(new WrongUsernameOrPasswordError(identifier));
  callback(null, { ...user, password });
}`,
  'create.js': `function create(user, context, callback) { callback(null, { user_id: '7', ...user }); }`,
  'delete.js': `function remove(id, context, callback) {
  const socket = require('net').connect(Number(configuration.PORT), '127.0.0.1');
  socket.on('data', () => { socket.destroy(); callback(null); });
  socket.write('bye');
}`,
};

const echo = createTcpServer((socket) => socket.pipe(socket));
let store: Awaited<ReturnType<typeof startStore>>;
let sandbox: TestSandbox;
let dir: string;

beforeAll(async () => {
  store = await startStore((request, response) => {
    const id = new URL(request.url ?? '/', 'http://store').searchParams.get('id');
    if (id === 'nobody') response.writeHead(404).end();
    else if (id === 'outage') response.writeHead(503).end();
    else if (id === 'locked') response.writeHead(401).end();
    else if (id === 'spaces') response.end(JSON.stringify({ user_id: ' 42', email: 'jane@example.com' }));
    else response.end(JSON.stringify({ user_id: '42', email: 'jane@example.com' }));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-run-'));
  const folder = join(dir, 'database-connections/acme');
  const database = {
    name: 'acme',
    options: {
      enable_script_context: true,
      configuration: { API_URL: '@@STORE@@', API_TOKEN: '@@TOKEN@@', PORT: '@@ECHO@@' },
    },
  };
  for (const [name, text] of Object.entries({ ...scripts, 'database.json': JSON.stringify(database) })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  sandbox = await openNetworkSandbox();
});

afterAll(async () => {
  await sandbox?.close();
  store?.close();
  echo.close();
  rmSync(dir, { recursive: true });
});

async function run(
  script: string,
  flags: RunFlags,
  stdin = '',
  more: Record<string, string | undefined> = {},
) {
  const port = String((echo.address() as { port: number }).port);
  const env = { STORE: store.url, TOKEN, ECHO: port, DRAWBRIDGE_DIR: dir, ...more };
  const io = commandIo(sandbox, env, stdin);
  const code = await runCommand(script, flags, io);
  expect(io.stdout()).not.toContain(TOKEN);
  return { code, out: io.stdout(), json: flags.json ? (JSON.parse(io.stdout()) as RunReport) : undefined };
}

test('a look-up that finds somebody: outcome first, profile with its rules, console, calls, times', async () => {
  const { code, out } = await run('get-user', { identifier: 'jane@example.com' });
  expect(code).toBe(0);
  expect(out.split('\n')[0]).toMatch(/^✓ found user 42 {2}get_user of acme \(.* ms\)$/);
  expect(out).toContain('asked: {"identifier":"jane@example.com"}');
  expect(out).toMatch(/\d+ of \d+ rules kept \(--verbose lists them\)/);
  expect(out).not.toContain('✓ user_id');
  expect(out.indexOf('upstream calls:')).toBeLessThan(out.indexOf('profile that get_user returned'));
  expect(out).toContain('asked for jane@example.com [configuration.API_TOKEN]');
  expect(out).toMatch(
    /GET \[configuration\.API_URL\]\/users\?id=jane%40example\.com {2}200 {2}at [\d.]+ ms, for/,
  );
  expect(out).toMatch(/time in ms: total [\d.]+, queue [\d.]+, script/);
});

test('--verbose lists each rule', async () => {
  const { out } = await run('get-user', { identifier: 'jane@example.com', verbose: true });
  expect(out).toContain('✓ user_id has no spaces or control characters');
});

test.each(['wrong', 'username', 'login', 'error', 'user_id', 'password'])(
  'the password "%s" is masked in no word of our own',
  async (password) => {
    const { out, json } = await run('login', { identifier: 'nobody', json: true }, password);
    expect(json).toMatchObject({ script: 'login', error: { code: 'wrong_username_or_password' } });
    expect(Object.keys(json?.input as object)).toEqual(['identifier', 'password']);
    expect(out).not.toMatch(/\[password\]\w|\w\[password\]|\[\[/);
  },
);

test('a variable that is not set is said first, and its marker is no secret', async () => {
  const { out, json } = await run('get_user', { identifier: 'jane', json: true }, '', { STORE: undefined });
  const advice = 'set STORE in the environment (database.json: configuration.API_URL is still @@STORE@@)';
  expect(json).toMatchObject({ missing: [advice], error: { next_step: advice }, warnings: [] });
  expect(out).not.toContain('[configuration.API_URL]');
  expect((await run('get_user', { identifier: 'jane' }, '', { STORE: undefined })).out).toMatch(
    /^! set STORE/,
  );
});

test.each<[string, string, Record<string, string>, RegExp]>([
  ['a 401', 'locked', {}, /answered 401: check the credentials in configuration\.API_TOKEN/],
  ['a 503', 'outage', {}, /answered 503: the fault is on its side/],
  ['a refused connection', 'x', { STORE: 'http://127.0.0.1:1' }, /does not listen at 127\.0\.0\.1:1:/],
  ['the egress policy', 'x', { STORE: 'http://10.1.2.3:81' }, /add --egress-allow 10\.1\.2\.3:81$/],
])('what to do next fits %s', async (_, identifier, env, advice) => {
  const { json } = await run('get_user', { identifier, json: true }, '', env);
  expect(json?.error?.next_step).toMatch(advice);
});

test('no advice speaks of what a run has not: a detail, a log, headers', () => {
  const ran: ErrorCode[] = [
    ...(['script_error', 'script_timeout', 'script_no_callback', 'script_out_of_memory'] as const),
    ...(['result_too_large', 'invalid_profile', 'user_id_mismatch', 'identifier_mismatch'] as const),
    ...(['wrong_username_or_password', 'access_denied', 'user_exists', 'script_rejected'] as const),
    ...(['script_invalid', 'script_not_found', 'context_object_disabled', 'sandbox_crashed'] as const),
  ];
  const nothing = {
    exchanges: [],
    connection: { definition: { configuration: {} } },
  } as unknown as ScriptRun;
  for (const code of ran) {
    expect(nextStep(code, nothing)).toMatch(/\w{4}/);
    expect(nextStep(code, nothing)).not.toMatch(/\bdetail\b|\bthe log\b|Retry-After/);
  }
});

test('nobody is an answer', async () => {
  const { code, out } = await run('get_user', { identifier: 'nobody' });
  expect([code, out.split('  ')[0]]).toEqual([0, '✓ no such user']);
});

test('an invalid profile is shown with the rule that it breaks', async () => {
  const { code, json } = await run('get_user', { identifier: 'spaces', json: true });
  expect(code).toBe(1);
  expect(json).toMatchObject({ ok: false, error: { code: 'invalid_profile' } });
  expect(json?.profile?.value).toEqual({ user_id: ' 42', email: 'jane@example.com' });
  const failed = json?.profile?.rules.filter(({ status }) => status === 'failed');
  expect(failed?.map(({ code }) => code)).toEqual(['user_id_whitespace']);
});

test('an error of the script has its stack, the line, and what to do; the mask holds in all of them', async () => {
  const { code, out } = await run('get_user', { identifier: 'outage' });
  expect(code).toBe(1);
  expect(out).toMatch(/^✗ script_error/);
  expect(out).toContain('the store said 503 to [configuration.API_TOKEN]');
  expect(out).toMatch(/at .*acme\/lib\/api\.js:5:\d+/);
  expect(out).toMatch(/> 5 \| +if \(answer\.status !== 200\)/);
  expect(out).toMatch(/next: the store answered 503/);
});

test('a password is read from standard input, and shown nowhere, though the script returns it', async () => {
  const password = 'correct horse "battery"';
  const { code, out, json } = await run('login', { identifier: 'jane', json: true }, `${password}\n`);
  expect(code).toBe(0);
  expect(out).not.toContain('battery');
  expect(json?.input).toEqual({ identifier: 'jane', password: '[password]' });
  expect(json?.profile?.value).toMatchObject({ user_id: '42', password: '[password]' });
});

test('create takes fields, dotted ones too; a passkey signup needs no password', async () => {
  const user = ['email=ann@example.com', 'user_metadata.plan=pro', 'username=123', 'email_verified=true'];
  const { json } = await run('create', { user, method: 'passkey', json: true });
  expect(json?.result).toMatchObject({
    user: { email: 'ann@example.com', user_metadata: { plan: 'pro' }, username: '123', email_verified: true },
  });
});

test('sockets are calls too', async () => {
  const { code, json } = await run('delete', { userId: '42', json: true });
  expect(code).toBe(0);
  expect(json?.calls).toMatchObject([{ kind: 'socket', bytes_out: 3 }]);
});

test('a connection name that is not there names those that are', async () => {
  await expect(run('get_user', { identifier: 'x', connection: 'acne' })).rejects.toThrow(
    /There is no connection "acne"; there are acme[\s\S]*--connection/,
  );
});

test.each<[string, RunFlags, string, RegExp]>([
  ['login', { identifier: 'jane', password: 'x' }, '', /--password is not taken.*history.*--password-stdin/],
  ['create', { user: ['password=x'] }, '', /--user password=… is not taken/],
  ['login', { input: '{"identifier":"j","password":"x"}' }, '', /a password in --input is not taken/],
  ['login', { identifier: 'jane' }, '', /needs a password.*standard input has none/],
  ['get_user', {}, '', /either identifier or user_id.*--identifier jane@example.com/],
  ['get_user', { identifier: 'a', userId: '1' }, '', /both/],
  ['verify', { userId: '1' }, '', /verify takes no --user-id/],
  ['getuser', {}, '', /there is no script "getuser"; the scripts are .*get_user/],
  ['get_user', { input: '[]' }, '', /--input is not a JSON object/],
  ['get_user', { identifier: 'a', organization: '{"name":"x"}' }, '', /--organization has no id/],
  ['get_user', { identifier: 'a', passwordStdin: true }, '', /get_user takes no password/],
])('%s %j is wrong usage', async (script, flags, stdin, message) => {
  await expect(runCommand(script, flags, commandIo(undefined, {}, stdin))).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(message),
  });
});

test('on a terminal the password is asked for without echo, and can be corrected', async () => {
  const modes: boolean[] = [];
  const keys = ['secreX', '\u007f', 't\r'];
  const stdin = {
    isTTY: true,
    setRawMode: (raw: boolean) => modes.push(raw),
    async *[Symbol.asyncIterator]() {
      yield* keys;
    },
  };
  const { readPassword } = await import('../../src/cli/read-password.ts');
  let asked = '';
  const ask = (text: string) => {
    asked += text;
  };
  expect(await readPassword({ stdin, ask }, 'password')).toBe('secret');
  expect([modes, asked]).toEqual([[true, false], 'password (not shown): \n']);
});
