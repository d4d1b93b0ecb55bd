import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import type { Pool } from '../../../src/pool/pool.ts';
import { certificate, privateKey } from '../host/http-certificate.ts';
import { createTestPool, jobOf } from '../sandbox-pool.ts';

let pool: Pool;
let upstream: Server;
let url: string;

beforeAll(async () => {
  upstream = createServer({ key: privateKey, cert: certificate }, (_request, response) => {
    response.end('over TLS');
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  url = `https://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
  pool = await createTestPool();
});

afterAll(async () => {
  await pool?.close();
  upstream.closeAllConnections();
  upstream.close();
});

/**
 * A connection of several scripts: call one by its action. What it logs comes with its result. An answer is here before
 * its context is free again, so that the next call may meet another: what is to be found again is polled for.
 */
function connection(name: string, sources: Partial<Record<ActionName, string>>) {
  const jobs = Object.entries(sources).map(([action, source]) =>
    jobOf(source, { action: action as ActionName, connection: name }),
  );
  const definition = {
    name,
    version: `version of ${name}`,
    isolation: 'connection' as const,
    configuration: { URL: url },
    scripts: jobs.flatMap((job) => job.definition.scripts),
  };
  return async (action: ActionName): Promise<{ result: unknown; warnings: string[] }> => {
    const job = { ...jobs.find((one) => one.action === action)!, definition };
    const events: { level: string; text: string }[] = [];
    const { outcome } = await pool.execute({ ...job, onEvent: (event) => void events.push(event) });
    if (outcome.kind !== 'returned') throw new Error(JSON.stringify(outcome));
    const warnings = events.filter(({ level }) => level === 'warn').map(({ text }) => text);
    return { result: JSON.parse(outcome.result ?? 'null'), warnings };
  };
}

const off = "process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';";

/** Answers by how a client of the name fared. */
const calls = `
const answerOf = (promise) => promise.then((text) => text, (error) => (error.cause || error).code);
const clients = {
  https: () => new Promise((resolve, reject) => {
    require('https').get(configuration.URL, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (more) => { text += more; }).on('end', () => resolve(text));
    }).on('error', reject);
  }),
  tls: () => new Promise((resolve, reject) => {
    const { port, hostname } = new URL(configuration.URL);
    const socket = require('tls').connect(port, hostname, () => { resolve('over TLS'); socket.destroy(); });
    socket.on('error', reject);
  }),
  axios: () => require('axios').get(configuration.URL).then((response) => response.data),
  fetch: () => fetch(configuration.URL).then((response) => response.text()),
  request: () => new Promise((resolve, reject) => {
    require('request')(configuration.URL, (error, response, body) => (error ? reject(error) : resolve(body)));
  }),
};
async function all() {
  const answers = {};
  for (const name in clients) answers[name] = await answerOf(clients[name]());
  return answers;
}`;

const script = (before: string, body: string) =>
  `${before}\n${calls}\nfunction run(...args) { const callback = args.at(-1);
  (async () => { ${body} })().then((result) => callback(null, result), callback); }`;

const refused = Object.fromEntries(
  ['https', 'tls', 'axios', 'fetch', 'request'].map((name) => [name, 'DEPTH_ZERO_SELF_SIGNED_CERT']),
);
const accepted = Object.fromEntries(Object.keys(refused).map((name) => [name, 'over TLS']));

describe('NODE_TLS_REJECT_UNAUTHORIZED', () => {
  it('is honoured for the script that sets it, and for no other of its connection', async () => {
    const run = connection('inside', {
      login: script('', `${off} return all();`),
      get_user: script('', 'return all();'),
    });
    expect((await run('get_user')).result).toEqual(refused);
    expect((await run('login')).result).toEqual(accepted);
    expect((await run('get_user')).result).toEqual(refused);
  });

  it('holds for later executions when the top level sets it, which runs once', async () => {
    const run = connection('top-level', {
      login: script(off, 'return [global.count = (global.count || 0) + 1, await all()];'),
      get_user: script('', 'return all();'),
    });
    expect((await run('login')).result).toEqual([1, accepted]);
    expect((await run('get_user')).result).toEqual(refused);
    // The next call may find the context still in use and get another, whose count begins anew.
    await expect.poll(async () => (await run('login')).result).toEqual([2, accepted]);
  });

  it('is not seen by another connection', async () => {
    const setting = connection('setting', { login: script(off, 'return all();') });
    const other = connection('other', { login: script('', 'return all();') });
    expect((await setting('login')).result).toEqual(accepted);
    expect((await other('login')).result).toEqual(refused);
  });

  it('is warned about in the console of the script, once', async () => {
    const run = connection('warned', {
      login: script(off, 'await all(); return (global.count = (global.count || 0) + 1);'),
    });
    const warning = expect.stringMatching(/^Warning: .*NODE_TLS_REJECT_UNAUTHORIZED/);
    expect(await run('login')).toEqual({ result: 1, warnings: [warning] });
    await expect
      .poll(async () => {
        const { result, warnings } = await run('login');
        return [result, warnings];
      })
      .toEqual([2, []]);
  });

  it.each([
    ['0', 'over TLS'],
    ["'1'", 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ["''", 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ])('set to %s means what it means in Node', async (value, answer) => {
    const run = connection(`value ${value}`, {
      login: script(
        '',
        `process.env.NODE_TLS_REJECT_UNAUTHORIZED = ${value}; return answerOf(clients.https());`,
      ),
    });
    expect((await run('login')).result).toBe(answer);
  });

  it('gives way to rejectUnauthorized: true of a request', async () => {
    const body = `return answerOf(new Promise((resolve, reject) => {
      require('https').get(configuration.URL, { rejectUnauthorized: true }, resolve).on('error', reject);
    }))`;
    const run = connection('explicit', { login: script(off, body) });
    expect((await run('login')).result).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  });
});

describe('process.env', () => {
  it('is one per script, kept between its executions', async () => {
    const count = 'process.env.COUNT = Number(process.env.COUNT || 0) + 1; return process.env;';
    const run = connection('counting', { login: script('', count), get_user: script('', count) });
    expect((await run('login')).result).toEqual({ COUNT: '1' });
    await expect.poll(async () => (await run('login')).result).toEqual({ COUNT: '2' });
    expect((await run('get_user')).result).toEqual({ COUNT: '1' });
  });

  it('takes the place of itself when a script assigns it', async () => {
    const run = connection('assigning', {
      login: script("process.env = { ...process.env, MODE: 'test' };", 'return process.env;'),
      get_user: script('', 'return process.env;'),
    });
    expect((await run('login')).result).toEqual({ MODE: 'test' });
    expect((await run('get_user')).result).toEqual({});
    expect((await run('login')).result).toEqual({ MODE: 'test' });
  });

  it('holds text, as in Node', async () => {
    const body = `process.env.NUMBER = 1; process.env.NONE = undefined;
      delete process.env.NUMBER;
      return [process.env, 'NUMBER' in process.env, Object.keys(process.env), typeof process.env.MISSING];`;
    const run = connection('text', { login: script('', body) });
    expect((await run('login')).result).toEqual([{ NONE: 'undefined' }, false, ['NONE'], 'undefined']);
  });
});
