import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RecordFlags, recordCommand } from '../../src/cli/record.ts';
import { openSandbox, type TestSandbox } from '../../src/testkit/open-sandbox.ts';
import { bodyOf, commandIo, openNetworkSandbox, type RecordedIo, startStore } from './command-io.ts';

const TOKEN = 'configuration-value-4711';
const PERSON = "o'brien+news@acme-corp.com";
const PASSWORD = 'hunter2 & "friends"';
const scripts: Record<string, string> = {
  'get_user.js': `async function getUser(identifierValue, context, callback) {
  const headers = { authorization: 'Bearer ' + configuration.API_TOKEN };
  const url = configuration.API_URL + '/v2/users?q=' + encodeURIComponent('email:"' + identifierValue.toLowerCase() + '"');
  const answer = await fetch(url, { headers });
  if (answer.status === 404) return callback(null);
  if (!answer.ok) return callback(new Error('store: ' + answer.status));
  const user = await answer.json();
  if (user.status === 'ghost') return callback(null);
  const groups = await (await fetch(configuration.API_URL + '/v2/users/' + user.id + '/groups', { headers })).json();
  callback(null, {
    user_id: String(user.id), email: user.mail, name: user.first_name + ' ' + user.last_name,
    user_metadata: { groups: groups.length, greeting: 'Hello ' + user.first_name.slice(0, 2) },
  });
}`,
  'login.js': `async function login(identifier, password, context, callback) {
  const bcrypt = require('bcrypt');
  const answer = await fetch(configuration.API_URL + '/v2/hash', { method: 'POST', body: JSON.stringify({ identifier }) });
  const user = await answer.json();
  if (!(await bcrypt.compare(password, user.password_hash))) return callback(new WrongUsernameOrPasswordError(user.id));
  callback(null, { user_id: user.id, email: identifier });
}`,
  'verify.js': `async function verify(email, context, callback) {
  await fetch(configuration.API_URL + '/v2/once?at=' + String(Date.now() * 1000 + Math.floor(Math.random() * 1000)));
  callback(null, true);
}`,
  'delete.js': `function remove(id, context, callback) {
  const socket = require('net').connect(Number(configuration.PORT), '127.0.0.1');
  socket.on('data', () => { socket.destroy(); callback(null); });
  socket.write(id);
}`,
};

const user = {
  id: 88231,
  mail: PERSON,
  first_name: 'Siobhán',
  last_name: "O'Brien",
  mobile: '+353861234567',
  dob: '1980-02-03',
  address: { street: 'Grafton Street 7', city: 'Dublin' },
  status: 'active',
  session: 'sess-99aabb',
  tax_number: 887766554,
  balance: 40123.55,
};
const echo = createTcpServer((socket) => socket.pipe(socket));
let store: Awaited<ReturnType<typeof startStore>>;
let network: TestSandbox;
let offline: TestSandbox;
let dir: string;
let last: RecordedIo;

beforeAll(async () => {
  const hash = await bcrypt.hash(PASSWORD, 4);
  store = await startStore(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://store');
    response.setHeader('content-type', 'application/json');
    if (pathname.endsWith('/groups')) response.end('["staff","wine club"]');
    else if (pathname.endsWith('/hash')) {
      await bodyOf(request);
      response.end(JSON.stringify({ id: 'u-1', password_hash: hash }));
    } else if (searchParams.get('q')?.includes('outage')) response.writeHead(503).end();
    else response.end(JSON.stringify(user));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-record-'));
  const folder = join(dir, 'database-connections/acme');
  mkdirSync(folder, { recursive: true });
  const configuration = { API_URL: '@@STORE@@', API_TOKEN: '@@TOKEN@@', PORT: '@@ECHO@@' };
  const database = { name: 'acme', options: { enable_script_context: true, configuration } };
  writeFileSync(join(folder, 'database.json'), JSON.stringify(database));
  for (const [name, text] of Object.entries(scripts)) writeFileSync(join(folder, name), text);
  [network, offline] = await Promise.all([openNetworkSandbox(), openSandbox()]);
});

afterAll(async () => {
  await Promise.all([network?.close(), offline?.close()]);
  store?.close();
  echo.close();
  rmSync(dir, { recursive: true });
});

function record(script: string, flags: RecordFlags, stdin = ''): Promise<number> {
  const port = String((echo.address() as { port: number }).port);
  const env = { STORE: store.url, TOKEN, ECHO: port, DRAWBRIDGE_DIR: dir };
  last = commandIo(network, env, stdin);
  const io = {
    ...last,
    openSandbox: async (options: { upstream?: 'here' | 'network' | undefined }) => ({
      ...(options.upstream === 'network' ? network : offline),
      close: async () => {},
    }),
  };
  return recordCommand(script, flags, io);
}

const fileOf = (name: string) => join(dir, name);
const read = (name: string) => parse(readFileSync(fileOf(name), 'utf8'));

test('a look-up becomes a case that holds, and nothing of the person or the configuration is in it', async () => {
  const out = fileOf('found.fixture.yaml');
  expect(await record('get_user', { identifier: "O'Brien+news@acme-corp.com", out })).toBe(0);
  expect(last.stdout()).toMatch(/✓ replayed, and it ends as the run did/);
  expect(last.stdout()).toMatch(/left out of what is expected, as scripts derive it: user_metadata/);
  expect(last.stdout()).toMatch(/kept as they are: balance, groups$/m);
  const text = readFileSync(out, 'utf8');
  for (const secret of [
    'rien',
    'acme-corp',
    'Siobh',
    '88231',
    '3861234',
    '1980',
    'Grafton',
    'Dublin',
    'sess-9',
    '887766',
    TOKEN,
    store.url,
    'wine',
  ]) {
    expect(text).not.toContain(secret);
  }
  const { connection, configuration, cases } = read('found.fixture.yaml');
  expect([connection, configuration.API_URL]).toEqual(['acme', 'http://apiurl.example.test']);
  expect(cases[0].http[0].request.url).toBe(
    'http://apiurl.example.test/v2/users?q=email%3A%22user-1%27x%2Bx%40example.com%22',
  );
  expect(cases[0].http[0].response.json).toMatchObject({ status: 'active', mail: "user-1'x+x@example.com" });
  expect(cases[0].expect).toMatchObject({ found: true, user: { email: "user-1'x+x@example.com" } });
});

test('--append adds to a file and keeps its comments; an error is recorded as what it is', async () => {
  const out = fileOf('several.fixture.yaml');
  await record('get_user', { identifier: PERSON, out, name: 'somebody' });
  writeFileSync(out, `# by hand\n${readFileSync(out, 'utf8')}`);
  expect(await record('get_user', { identifier: 'outage', out, append: true })).toBe(0);
  expect(readFileSync(out, 'utf8')).toMatch(/^# by hand/);
  const { cases } = read('several.fixture.yaml');
  expect(cases.map(({ name }: { name: string }) => name)).toEqual(['somebody', 'ends with script_error']);
  expect(cases[1]).toMatchObject({
    http: [{ response: { status: 503 } }],
    expect: { error: 'script_error' },
  });
  await expect(record('get_user', { identifier: PERSON, out })).rejects.toThrow(/there already.*--append/);
});

test('a password that a script compares with a hash is replaced together with it', async () => {
  const out = fileOf('login.fixture.yaml');
  expect(await record('login', { identifier: PERSON, out }, PASSWORD)).toBe(0);
  expect(read('login.fixture.yaml').cases[0].input.password).toBe('Placeholder-password-1');
  expect(await record('login', { identifier: PERSON, out, append: true }, 'wrong')).toBe(0);
  expect(last.stdout()).toContain('✗ wrong_username_or_password');
  expect(read('login.fixture.yaml').cases[1]).toMatchObject({
    name: 'ends with wrong_username_or_password',
    input: { password: 'Placeholder-password-2' },
  });
  expect(await record('login', { identifier: PERSON, out, append: true }, PASSWORD)).toBe(0);
  expect(read('login.fixture.yaml').cases[2].input.password).toBe('Placeholder-password-3');
  expect(read('login.fixture.yaml').cases[1].expect).toEqual({
    error: 'wrong_username_or_password',
    log_code: 'fp',
  });
  expect(readFileSync(out, 'utf8')).not.toContain('hunter2');
});

test('one that ends otherwise is marked with skip, and nothing is claimed', async () => {
  const out = fileOf('once.fixture.yaml');
  expect(await record('verify', { identifier: PERSON, out, json: true })).toBe(1);
  expect(JSON.parse(last.stdout())).toMatchObject({ run: { ok: true }, recording: { same: false, out } });
  expect(read('once.fixture.yaml').cases[0].skip).toMatch(/ends otherwise when it is replayed/);
});

test('what cannot be recorded is refused before anything is written', async () => {
  const out = fileOf('never.fixture.yaml');
  await expect(record('delete', { userId: '42', out })).rejects.toThrow(
    /call 1 is a TCP connection.*network: allow/,
  );
  await expect(record('get_user', { identifier: PERSON, out, name: `of ${PERSON}` })).rejects.toThrow(
    /still found at name.*Give another --name/,
  );
  await expect(record('get_user', { identifier: PERSON })).rejects.toMatchObject({ name: 'UsageError' });
  expect(existsSync(out)).toBe(false);
});
