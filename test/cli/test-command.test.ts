import { existsSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layDownTemplate } from '../../src/cli/script-templates.ts';
import { runCli, startCli } from './run-cli.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'drawbridge-test-command-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** A directory of connections with the one connection `odd`, of these files. */
async function odd(name: string, files: Record<string, string>): Promise<string> {
  const root = join(directory, name);
  const folder = join(root, 'database-connections', 'odd');
  const actions = Object.keys(files).filter((file) => /^\w+\.js$/.test(file));
  const options = {
    enabledDatabaseCustomization: true,
    enable_script_context: true,
    customScripts: Object.fromEntries(actions.map((file) => [file.replace('.js', ''), `./${file}`])),
  };
  const database = JSON.stringify({ name: 'odd', strategy: 'auth0', options });
  for (const [path, text] of Object.entries({ 'database.json': database, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return root;
}

const template = async (name: string) => {
  const root = join(directory, name);
  const folder = join(root, 'database-connections', 'acme');
  await layDownTemplate('http', folder, 'acme');
  return { root, folder };
};

test('runs what init has laid down, and writes reports and coverage', async () => {
  const { root, folder } = await template('fresh');
  const [junit, json, coverage] = ['junit.xml', 'report.json', 'coverage'].map((file) =>
    join(directory, file),
  );
  const { code, stdout, stderr } = await runCli([
    'test',
    '--dir',
    root,
    '--reporter',
    'readable',
    '--reporter',
    `junit=${junit},json=${json}`,
    '--coverage',
    '--coverage-dir',
    coverage!,
    '--coverage-reporter',
    'lcov,html,text',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('✓ get_user knows who is not there');
  expect(stdout).toMatch(/^\d+ passed \(1 file,/m);
  expect(stdout).toMatch(/get_user\.js +\| +100 \|/);
  const { ok, cases } = JSON.parse(await readFile(json!, 'utf8'));
  expect(ok).toBe(true);
  expect(await readFile(junit!, 'utf8')).toContain(
    `<testsuites name="drawbridge" tests="${cases.length}" failures="0"`,
  );
  expect(cases[0]).toMatchObject({
    connection: 'acme',
    script: 'get_user',
    status: 'passed',
    calls: [{ mock: 0 }],
  });
  const lcov = await readFile(join(coverage!, 'lcov.info'), 'utf8');
  // A line that cases run, and one of a script that has none.
  const countOf = async (script: string, text: string) => {
    const lines = (await readFile(join(folder, script), 'utf8')).split('\n');
    const record = lcov.split('end_of_record').find((each) => each.includes(`/${script}\n`))!;
    const line = lines.findIndex((each) => each.includes(text)) + 1;
    return Number(new RegExp(`^DA:${line},(\\d+)$`, 'm').exec(record)?.[1]);
  };
  expect(await countOf('get_user.js', "require('axios')")).toBeGreaterThan(0);
  expect(await countOf('verify.js', "require('axios')")).toBe(0);
  expect(existsSync(join(coverage!, 'index.html'))).toBe(true);
});

test('says of every failing case what came instead and what to do, and of every skipped one why', async () => {
  const root = await odd('failing', {
    'get_user.js': `function getUser(id, context, callback) {
  const { Client } = require('pg');
  new Client({ host: 'db.example.com' }).connect((error) => callback(error));
}`,
    'login.js': `function login(identifier, password, context, callback) {
  console.log('asked for', identifier);
  require('./lib/ask').ask((error, user) => callback(error, user));
}`,
    'lib/ask.js': `const axios = require('axios');
exports.ask = async (callback) => {
  const { data } = await axios.get('https://users.example.com/u?a=%40').catch(callback) ?? {};
  if (data) callback(null, data);
};`,
    'odd.fixture.yaml': `cases:
  - { name: database, script: get_user, input: { user_id: x }, expect: { found: true } }
  - { name: no mock, script: login, input: { identifier: a, password: b }, expect: { user: {} } }
  - name: other profile
    script: login
    input: { identifier: a, password: b }
    http:
      - request: { url: https://users.example.com/u?a=%40 }
        response: { json: { user_id: '1', email: a@example.com } }
    expect: { user: { user_id: '2' }, console: [asked for a] }
  - { name: later, script: login, input: { identifier: a, password: b }, expect: { user: {} }, skip: no store yet }
`,
  });
  const { code, stdout } = await runCli(['test', root, '--reporter', 'readable,github']);
  expect(code).toBe(1);
  for (const words of [
    'the script opened a connection that a test may not open: tcp db.example.com:5432',
    'write "network: allow" into the case or its file',
    'no mock for GET https://users.example.com/u?a=%40',
    "- request: { method: GET, url: 'https://users.example.com/u?a=%40' }",
    'odd/lib/ask.js:3',
    'console   info: asked for a',
    'expected  "2"',
    'received  "1"',
    '- login later  skipped: no store yet',
    '3 failed, 0 passed, 1 skipped',
  ]) {
    expect(stdout).toContain(words);
  }
  expect(stdout.match(/^::error file=.*odd\.fixture\.yaml,line=\d+/gm)).toHaveLength(3);
});

test('ends quietly when nobody reads its output any more', async () => {
  const child = startCli(['test', '--schema']);
  let stderr = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdout!.destroy();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

test('runs nothing when fixture files have mistakes, and tells them all', async () => {
  const root = await odd('mistaken', {
    'login.js': 'function login(identifier, password, callback) { callback(null); }',
    'a.fixture.yaml': 'cases:\n  - { name: a, script: logn, input: {}, expect: {} }\n',
    'fixtures/b.yaml':
      'cases:\n  - { name: b, script: get_user, input: { user_id: c }, expect: { found: true } }\n',
  });
  const { code, stdout } = await runCli(['test', '--dir', root, '--json']);
  expect(code).toBe(2);
  const { mistakes } = JSON.parse(stdout) as { mistakes: { file: string; line: number; message: string }[] };
  expect(mistakes.map(({ message }) => message)).toEqual([
    expect.stringContaining('did you mean "login"?'),
    expect.stringContaining('a case must expect something'),
    'the connection "odd" has no script get_user; it has login',
  ]);
  expect(mistakes[2]).toMatchObject({ file: expect.stringContaining('b.yaml'), line: 2 });
});

test('fails the cases of a script that cannot be compiled, and runs the others', async () => {
  const one = (script: string) =>
    `  - { name: ${script}, script: ${script}, input: { user_id: x }, expect: { result: {} } }\n`;
  const root = await odd('broken-script', {
    'get_user.js': 'function getUser(id, callback) {\n  callback(;\n}',
    'delete.js': 'function remove(id, callback) { callback(null); }',
    'fixtures.yaml': `cases:\n${one('get_user')}${one('delete')}`,
  });
  const { code, stdout } = await runCli(['test', root]);
  expect(code).toBe(1);
  expect(stdout).toContain('database-connections/odd/get_user.js:2:12: Unexpected token');
  expect(stdout).toMatch(/^1 failed, 1 passed/m);
});

test('says where to put a fixture file when there is none, and fails', async () => {
  const root = await odd('empty', {});
  const { code, stderr } = await runCli(['test', '--dir', root]);
  expect(code).toBe(1);
  expect(stderr).toContain(`there are no fixture files in ${root}`);
  expect(stderr).toContain('database-connections/acme/fixtures.yaml');
});

test('is called in a wrong way with an unknown option, or with a path that is not there', async () => {
  const unknown = await runCli(['test', '--nmae', 'a']);
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('npx drawbridge test --help');
  const { code, stderr } = await runCli(['test', join(directory, 'nowhere.yaml')]);
  expect(code).toBe(2);
  expect(stderr).toContain('nowhere.yaml: give files or folders that are there');
});

test('stops after a failing case with --bail, among those that --name picks', async () => {
  const one = (name: string, error: string) =>
    `  - { name: ${name}, script: delete, input: { user_id: x }, expect: { ${error} } }\n`;
  const root = await odd('bail', {
    'delete.js': 'function remove(id, callback) { callback(null); }',
    'fixtures.yaml': `cases:\n${one('first', 'result: {}')}${one('second', 'error: script_error')}${one('third', 'result: {}')}${one('other', 'error: script_error')}`,
  });
  const { code, stdout } = await runCli([
    'test',
    root,
    '--bail',
    '--name',
    'FIRST|second|third',
    '--reporter',
    'tap',
  ]);
  expect(code).toBe(1);
  expect(stdout).toContain('1..3\nok 1 - odd › delete › first\nnot ok 2 - odd › delete › second\n');
  expect(stdout).toContain('ok 3 - odd › delete › third # SKIP not run, after a failing case');
});

describe('network: allow', () => {
  test('lets calls without a mock out, and sockets where the operator says', async () => {
    const store = createHttpServer((_request, response) =>
      response.end('{"user_id":"42","nickname":"here"}'),
    );
    const database = createServer((socket) => socket.end('hello'));
    const listen = (server: {
      listen(port: number, host: string, then: () => void): unknown;
      address(): unknown;
    }) =>
      new Promise<number>((resolve) =>
        server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
      );
    const ports = [await listen(store), await listen(database)] as const;
    try {
      const root = await odd('network', {
        'login.js': `async function login(identifier, password, context, callback) {
  const { data } = await require('axios').get(identifier);
  require('net').connect(Number(password), '127.0.0.1').on('error', callback)
    .on('data', (text) => callback(null, { ...data, name: String(text) }));
}`,
        'fixtures.yaml': `network: allow
cases:
  - name: both
    script: login
    input: { identifier: 'http://127.0.0.1:${ports[0]}/', password: '${ports[1]}' }
    expect: { user: { nickname: here, name: hello } }
  - name: neither
    script: login
    network: deny
    input: { identifier: 'http://127.0.0.1:${ports[0]}/', password: '${ports[1]}' }
    expect: { user: { nickname: here } }
`,
      });
      const { stdout } = await runCli(['test', root, '--egress-allow', `127.0.0.1:${ports[1]}`, '--json']);
      const { cases } = JSON.parse(stdout) as {
        cases: { status: string; failures: { message: string }[] }[];
      };
      expect(cases.map(({ status }) => status)).toEqual(['passed', 'failed']);
      expect(cases[1]!.failures[0]!.message).toContain('no mock for GET http://127.0.0.1');
    } finally {
      store.close();
      database.close();
    }
  });
});

test('runs again what a saved file touches with --watch', async () => {
  const { root, folder } = await template('watched');
  const child = startCli(['test', '--watch', '--dir', root]);
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  let heard = () => {};
  child.stdout!.setEncoding('utf8').on('data', (more: string) => {
    text += more;
    heard();
  });
  const nextRun = async () => {
    while (!text.includes('Waiting for changes')) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
    const run = text;
    text = '';
    return run;
  };
  try {
    expect(await nextRun()).toMatch(/^\d+ passed \(1 file,/m);
    await appendFile(join(folder, 'login.js'), '\n// saved\n');
    const touched = await nextRun();
    expect(touched).toContain('login tells a wrong password');
    expect(touched).not.toContain('get_user knows');
    await appendFile(join(folder, 'fixtures.yaml'), '\n# saved\n');
    expect(await nextRun()).toMatch(/^\d+ passed \(1 file,/m);
    const [fixtures, script] = [join(folder, 'fixtures.yaml'), join(folder, 'get_user.js')];
    const texts = [await readFile(fixtures, 'utf8'), await readFile(script, 'utf8')] as const;
    await writeFile(fixtures, 'cases: {');
    expect(await nextRun()).toContain('Nothing was run');
    await writeFile(fixtures, texts[0]);
    expect(await nextRun()).toMatch(/^\d+ passed/m);
    await writeFile(script, 'function (');
    const broken = await nextRun();
    expect(broken).toContain('get_user.js:1:11: Unexpected token');
    expect(broken).not.toContain('login');
    await writeFile(script, texts[1]);
    expect(await nextRun()).toMatch(/^\d+ passed/m);
    await writeFile(fixtures, 'cases: {');
    expect(await nextRun()).toContain('Nothing was run');
  } finally {
    child.kill('SIGTERM');
  }
  expect(await exit).toBe(2);
});
