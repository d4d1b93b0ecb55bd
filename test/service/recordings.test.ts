import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type RecordFlags, recordCommand } from '../../src/cli/record.ts';
import { openSandbox, type TestSandbox } from '../../src/testkit/open-sandbox.ts';
import { commandIo } from '../cli/command-io.ts';
import {
  connectionFiles,
  password,
  type RunningService,
  secretValue,
  startService,
} from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

const scripts = {
  login: `async function login(identifier, password, context, callback) {
    const answer = await fetch(configuration.API_URL + '/login', {
      method: 'POST', body: JSON.stringify({ identifier, password, key: configuration.SECRET }) });
    const user = await answer.json();
    if (user.status === 'wrong') return callback(new WrongUsernameOrPasswordError(user.id));
    if (user.status === 'broken') return callback(new Error('no luck with ' + user.email));
    callback(null, { user_id: user.id, email: user.email });
  }`,
};
const apiKey = 'the-key-of-the-recording-tests';
let upstream: Upstream;
let service: RunningService;
let offline: TestSandbox;
let dir: string;

beforeAll(async () => {
  upstream = await startUpstream((request) => {
    const { identifier } = JSON.parse(request.body) as { identifier: string };
    const status = identifier.split('@')[0];
    request.answer(200, { id: status === 'spaces' ? 'u 77231' : 'u-77231', email: identifier, status });
  });
  const configuration = { API_URL: upstream.url };
  service = await startService({
    files: {
      ...connectionFiles('acme', scripts, { configuration, recording: true }),
      ...connectionFiles('silent', scripts, { configuration }),
    },
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address, DRAWBRIDGE_API_KEY: apiKey },
    apiKey,
  });
  offline = await openSandbox();
  dir = mkdtempSync(join(tmpdir(), 'drawbridge-recordings-'));
  const files = connectionFiles('acme', scripts, {
    configuration: { SECRET: 'of a test', API_URL: '@@API_URL@@' },
  });
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
});
afterAll(async () => {
  await service?.stop();
  await upstream?.close();
  await offline?.close();
  rmSync(dir, { recursive: true });
});

async function fail(connection: string, identifier: string): Promise<string> {
  const { body } = await service.run(connection, 'login', { identifier, password });
  return String(body.execution_id ?? body.execution.id);
}

test('a failure of a recorded connection is kept, redacted, and becomes a case that fails in the same way', async () => {
  const execution = await fail('acme', 'broken@acme-corp.com');
  const listed = await service.call('/v1/connections/acme/recordings');
  expect(listed.body).toEqual({
    recording: true,
    recordings: [
      { id: execution, script: 'login', code: 'script_error', at: expect.stringMatching(/^\d{4}-/) },
    ],
  });
  const { text } = await service.call(`/v1/connections/acme/recordings/${execution}`);
  for (const secret of ['acme-corp', '77231', secretValue, password, upstream.url])
    expect(text).not.toContain(secret);

  const out = join(dir, 'failed.fixture.yaml');
  const io = { ...commandIo(offline, { DRAWBRIDGE_API_KEY: apiKey }) };
  const flags: RecordFlags = { fromExecution: execution, url: service.url, dir, out, connection: 'acme' };
  expect(await recordCommand(undefined, flags, io)).toBe(0);
  expect(io.stdout()).toMatch(/✓ replayed, and it ends as the run did/);
  expect(parse(readFileSync(out, 'utf8')).cases[0]).toMatchObject({
    script: 'login',
    http: [{ response: { json: { status: 'broken' } } }],
    expect: { error: 'script_error' },
  });
  const { status, body } = await service.call('/v1/connections/acme/recordings/exec_0');
  expect([status, body.code]).toEqual([404, 'recording_not_found']);
});

test('answers are not kept, wrong passwords among them, and nothing of other connections', async () => {
  const before = (await service.call('/v1/connections/acme/recordings')).body.recordings.length;
  await fail('acme', 'wrong@acme-corp.com');
  await fail('acme', 'fine@acme-corp.com');
  const execution = await fail('silent', 'broken@acme-corp.com');
  expect((await service.call('/v1/connections/acme/recordings')).body.recordings).toHaveLength(before);
  expect((await service.call('/v1/connections/silent/recordings')).body).toEqual({
    recording: false,
    recordings: [],
  });
  const { body } = await service.call(`/v1/connections/silent/recordings/${execution}`);
  expect(body).toMatchObject({
    code: 'recording_not_found',
    detail: expect.stringContaining('options.recording'),
  });
});

test('the command says what is wrong with a key, an id and an address, and never shows the key', async () => {
  const attempt = (flags: RecordFlags, env = {}) =>
    recordCommand(
      undefined,
      { dir, connection: 'acme', url: service.url, ...flags },
      commandIo(offline, env),
    );
  const execution = 'exec_1';
  await expect(attempt({ fromExecution: execution })).rejects.toThrow(
    /unauthorized.*read:recordings.*DRAWBRIDGE_API_KEY, which is not set/,
  );
  const wrong = attempt({ fromExecution: execution }, { DRAWBRIDGE_API_KEY: 'wrong-key-123456' });
  await expect(wrong).rejects.toThrow(/unauthorized/);
  await expect(wrong).rejects.not.toThrow(/wrong-key/);
  await expect(attempt({ fromExecution: '../x' })).rejects.toMatchObject({ name: 'UsageError' });
  await expect(attempt({ fromExecution: execution, url: 'http://127.0.0.1:1' })).rejects.toThrow(
    /cannot be reached/,
  );
});
