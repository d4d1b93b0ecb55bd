import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import nock from 'nock';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { demoGreeting } from '../../src/cli/demo-greeting.ts';
import { loadConnection, type TestConnection } from '../../src/testkit/index.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = await readFile(join(root, 'README.md'), 'utf8');

/** The one block of the language that has this in it. */
function block(language: string, marker: string): string {
  const blocks = [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))]
    .map(([, text]) => text!)
    .filter((text) => text.includes(marker));
  expect(blocks).toHaveLength(1);
  return blocks[0]!;
}

const example = block('js', 'function getUser');
const jane = { user_id: '42', email: 'jane+x@example.com' };
const folder = 'tenant/database-connections/acme';

/** A line of the README as a shell runs it, with this checkout's command in the place of npx. */
function shell(line: string): [file: string, args: string[]] {
  const npx = `npx() { shift; exec '${process.execPath}' '${join(root, 'src/bin.js')}' "$@"; }`;
  return ['sh', ['-c', `${npx}; ${line}`]];
}

const environment = (more: Record<string, string>) => ({ PATH: process.env.PATH ?? '', ...more });

describe('Start', () => {
  const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

  test('shows the first call that `npm start` prints', () => {
    const greeting = demoGreeting({
      url: 'http://127.0.0.1:3000',
      storeUrl: 'http://127.0.0.1:1',
      connection: 'acme',
      folder: '/tmp/acme',
      needsKey: false,
    });
    expect(squeezed(greeting)).toContain(squeezed(block('sh', 'curl')));
  });
});

describe('the example of a Get User', () => {
  const store = 'https://users.example.com';
  let acme: TestConnection;
  let project: string;

  beforeAll(async () => {
    nock.disableNetConnect();
    project = await mkdtemp(join(tmpdir(), 'drawbridge-readme-'));
    const [init] = block('sh', 'drawbridge init').split('\n');
    await promisify(execFile)(...shell(init!), { cwd: project, env: environment({}) });
    await writeFile(join(project, folder, 'get_user.js'), example);
    acme = await loadConnection({
      path: join(project, folder),
      env: { USER_STORE_URL: store, USER_STORE_TOKEN: 'the-token' },
    });
  });
  afterEach(() => nock.cleanAll());
  afterAll(async () => {
    await acme?.close();
    nock.enableNetConnect();
    nock.restore();
    await rm(project, { recursive: true });
  });

  test('loads without a warning in what `init` lays down', () => {
    expect(acme.warnings).toEqual([]);
  });

  test('finds a user by identifier and the same by user_id, with its token', async () => {
    const authorized = nock(store, { reqheaders: { authorization: 'Bearer the-token' } });
    authorized.get('/users?identifier=jane%2Bx%40example.com').reply(200, { ...jane, password_hash: 'x' });
    authorized.get('/users/42').reply(200, jane);
    const found = { ok: true, result: { found: true, user: jane } };
    const byIdentifier = await acme.run('get_user', { identifier: jane.email });
    expect(byIdentifier).toMatchObject(found);
    expect(JSON.stringify(byIdentifier)).not.toContain('password_hash');
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject(found);
  });

  test('says "not found" for a 404 alone', async () => {
    nock(store).get('/users/43').reply(404);
    expect(await acme.run('get_user', { user_id: '43' })).toMatchObject({
      ok: true,
      result: { found: false, user: null },
    });
  });

  test.each([401, 429, 500, 503])('is an error when the store answers %i', async (status) => {
    nock(store).get('/users/42').reply(status);
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({
      ok: false,
      code: 'script_error',
      message: expect.stringContaining('The user store failed: ERR_BAD_'),
    });
  });

  test('is an error when the store cannot be reached', async () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    nock(store).get('/users/42').replyWithError(refused);
    expect(await acme.run('get_user', { user_id: '42' })).toMatchObject({
      ok: false,
      code: 'script_error',
      message: 'The user store failed: ECONNREFUSED',
    });
  });
});

describe('Your own scripts', () => {
  let project: string;
  let store: Server;
  let service: ChildProcess | undefined;
  let printed = '';

  beforeEach(async () => {
    project = await mkdtemp(join(tmpdir(), 'drawbridge-readme-'));
    store = createServer((_request, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(jane));
    }).listen(0, '127.0.0.1');
    await once(store, 'listening');
  });
  afterEach(async () => {
    if (service && service.exitCode === null && service.signalCode === null) {
      const closed = once(service, 'close');
      service.kill('SIGKILL');
      await closed;
    }
    store.closeAllConnections();
    store.close();
    await rm(project, { recursive: true });
  });

  /** Resolves when the service has said it. */
  function says(child: ChildProcess, text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => printed.includes(text) && resolve();
      child.stdout!.on('data', look);
      child.stderr!.on('data', look);
      child.once('close', () => reject(new Error(`it ended before it said "${text}": ${printed}`)));
      look();
    });
  }

  test('the lines work as printed, a change is served, a broken one is not', async () => {
    const lines = block('sh', 'drawbridge init').trim().split('\n');
    const [init, cases, check, serve] = lines as [string, string, string, string];
    const run = async (line: string) =>
      (await promisify(execFile)(...shell(line), { cwd: project, env: environment({}) })).stdout;
    expect(await run(init)).toContain(`${serve}\n`);
    expect(await run(cases)).toMatch(/^9 passed/m);
    expect(await run(check)).toMatch(/^acme: ready \(0 errors, 0 warnings/m);

    const address = `127.0.0.1:${(store.address() as AddressInfo).port}`;
    const env = environment({
      USER_STORE_URL: `http://${address}`,
      USER_STORE_TOKEN: 'the-token',
      DRAWBRIDGE_EGRESS_ALLOW: address,
      DRAWBRIDGE_PORT: '0',
      DRAWBRIDGE_SANDBOX_PROCESSES: '1',
    });
    const child = spawn(...shell(serve), { cwd: project, env });
    service = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    await says(child, '"msg":"listening"');
    const url = /listens on (\S+)/.exec(printed)![1]!;
    const getUser = async () => {
      const response = await fetch(`${url}/v1/connections/acme/get-user`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"user_id":"42"}',
      });
      return response.json();
    };
    expect(await getUser()).toMatchObject({ found: true, user: jane });

    const script = join(project, folder, 'get_user.js');
    await writeFile(script, example.replace('callback(null, { ', "callback(null, { name: 'changed', "));
    await says(child, 'connection acme changed');
    expect(await getUser()).toMatchObject({ found: true, user: { ...jane, name: 'changed' } });

    await writeFile(script, 'function getUser(');
    await says(
      child,
      'get_user.js: line 1, column 18: Unexpected token (the last good version is still served)',
    );
    expect(await getUser()).toMatchObject({ found: true, user: { ...jane, name: 'changed' } });

    const closed = once(child, 'close');
    child.kill('SIGTERM');
    expect(await closed).toEqual([0, null]);
  }, 60_000);
});
