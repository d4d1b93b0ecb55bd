import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCli } from './run-cli.ts';

const template = fileURLToPath(new URL('../../scripts-templates/http', import.meta.url));
const key = 'a-key-for-this-test-alone';

let directory: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tenant-'));
  await cp(template, join(directory, 'database-connections', 'acme'), { recursive: true });
});
afterEach(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
  await rm(directory, { recursive: true });
});

/** Starts the service and waits for the line that names its address. */
async function serve(): Promise<{ url: string; stdout: () => string; stderr: () => string }> {
  let stdout = '';
  let stderr = '';
  child = startCli(['serve', '--dir', directory, '--port', '0', '--sandbox-processes', '1'], {
    DRAWBRIDGE_API_KEY: key,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    const url = /listens on (\S+)\n[\s\S]*Connections:\n[\s\S]*\n/.exec(stderr)?.[1];
    if (url) resolve(url);
  });
  child.on('close', () => reject(new Error(`the service ended: ${stderr}${stdout}`)));
  return { url: await promise, stdout: () => stdout, stderr: () => stderr };
}

test('serve says what is running, answers, and ends with exit code 0 on SIGTERM', async () => {
  const { url, stdout, stderr } = await serve();
  expect(stderr()).toContain(`Directory: ${directory}`);
  expect(stderr()).toContain('API key: 1 key from DRAWBRIDGE_API_KEY');
  expect(stderr()).toMatch(/acme: .*get_user/);
  expect((await fetch(`${url}/v1/connections`)).status).toBe(401);
  const listed = await fetch(`${url}/v1/connections`, { headers: { authorization: `Bearer ${key}` } });
  expect(await listed.json()).toMatchObject({ connections: [{ name: 'acme' }] });

  const closed = once(child!, 'close');
  child!.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  const lines = stdout()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['listening', 'request', 'ended']));
  expect(stdout() + stderr()).not.toContain(key);
}, 60_000);
