import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCli } from '../cli/run-cli.ts';
import { connectionFiles, writeFiles } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const getUser = `async function getUser(identifierValue, context, callback) {
  await fetch(configuration.URL);
  callback(null, { user_id: '1' });
}`;

let root: string;
let upstream: Upstream;
let child: ChildProcess;
let output: string;
let url: string;

/** Resolves with the match when what the process has written holds the pattern. */
function written(pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve) => {
    const look = () => {
      const match = pattern.exec(output);
      if (match) resolve(match);
    };
    look();
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);
  });
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'drawbridge-draining-'));
  upstream = await startUpstream(() => {});
  await writeFiles(
    root,
    connectionFiles('acme', { get_user: getUser }, { configuration: { URL: upstream.url } }),
  );
  child = startCli(['serve', '--dir', root, '--port', '0'], {
    DRAWBRIDGE_SANDBOX_PROCESSES: '1',
    DRAWBRIDGE_EGRESS_ALLOW: upstream.address,
  });
  output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  url = (await written(/listens on (\S+)\n/))[1]!;
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
  await upstream.close();
  await rm(root, { recursive: true });
});

const getJane = () =>
  fetch(`${url}/v1/connections/acme/get-user`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ identifier: 'jane' }),
  });

test('on SIGTERM what is under way is answered, new work is refused, and the process ends with 0', async () => {
  const asked = upstream.next();
  const underWay = getJane();
  const request = await asked;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await written(/answering what is under way/);

  const refused = await getJane();
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('connection')).toBe('close');
  expect(await refused.json()).toMatchObject({ code: 'overloaded', retryable: true });
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);

  request.answer(200, {});
  const answered = await underWay;
  expect(answered.status).toBe(200);
  expect(await answered.json()).toMatchObject({ found: true, user: { user_id: '1' } });
  expect(await closed).toEqual([0, null]);
});

test('without work under way it ends at once, idle connections or not', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
});

test('a second signal ends it at once', async () => {
  const asked = upstream.next();
  const underWay = getJane().catch((error: Error) => error.message);
  await asked;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await written(/answering what is under way/);
  const timer = setInterval(() => child.kill('SIGTERM'), 200);
  expect(await closed).toEqual([1, null]);
  clearInterval(timer);
  expect(await underWay).toBe('fetch failed');
});
