import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { freePort } from '../auth-server/support/start-stack.ts';

const bin = fileURLToPath(new URL('../../src/bin.js', import.meta.url));
let demo: ChildProcess | undefined;

afterEach(async () => {
  if (demo && demo.exitCode === null) {
    const closed = once(demo, 'close');
    demo.kill();
    await closed;
  }
});

/** Starts it and resolves with all it has printed, once the last line of the greeting is there. */
async function start(...args: string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(DRAWBRIDGE_|NODE_OPTIONS)/.test(name)),
  );
  const child = spawn(process.execPath, [bin, 'demo', '--port', '0', '--sandbox-processes', '1', ...args], {
    env,
  });
  demo = child;
  let printed = '';
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
      if (printed.includes('Ctrl-C stops it')) resolve(printed);
    });
    child.on('exit', (code) => reject(new Error(`ended with ${code}: ${complaints}`)));
  });
}

/** The commands as they were printed, continuation lines included. */
function commandsIn(printed: string): string[] {
  return [...printed.matchAll(/^ *curl (?:.*\\\n)*.*$/gm)].map(([command]) => command);
}

async function paste(command: string) {
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  return JSON.parse(stdout);
}

test('prints three commands that work as they stand', async () => {
  const commands = commandsIn(await start());
  expect(commands).toHaveLength(3);
  const [byIdentifier, byUserId, signup] = commands;
  const jane = { user_id: '42', email: 'jane@example.com' };
  expect(await paste(byIdentifier!)).toMatchObject({ found: true, user: jane });
  expect(await paste(byUserId!)).toMatchObject({ found: true, user: jane });
  expect(await paste(signup!)).toMatchObject({ user: { email: 'sam@example.com' } });
  expect(await paste(signup!)).toMatchObject({ code: 'user_exists' });
  const handleOfJane = byUserId!.replace('/get-user', '/user-handle');
  expect(await paste(handleOfJane)).toMatchObject({ user_id: '42', user_handle: expect.any(String) });
}, 60_000);

test.each(['SIGINT', 'SIGTERM'] as const)(
  'cleans up on %s',
  async (signal) => {
    const printed = await start();
    const folder = /connection "acme": (.+)$/m.exec(printed)![1]!;
    expect(existsSync(folder)).toBe(true);
    const closed = once(demo!, 'close');
    demo!.kill(signal);
    expect(await closed).toEqual([0, null]);
    expect(existsSync(join(folder, '../../..'))).toBe(false);
  },
  60_000,
);

test('says what to do when the port is taken, and leaves nothing running', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  try {
    const { port } = other.address() as AddressInfo;
    await expect(start('--port', String(port))).rejects.toThrow(/ended with 1:.*--port/s);
  } finally {
    other.close();
  }
}, 60_000);

test('with --auth-server, an application gets its login page from an auth server over the demo', async () => {
  const ports = await Promise.all([freePort(), freePort()]);
  const [port, appPort] = ports.map(String);
  const printed = await start('--auth-server', '--auth-server-port', port!, '--app-port', appPort!);
  const home = await fetch(`http://localhost:${port}/`);
  expect(await home.text()).toContain(`href="http://localhost:${appPort}/login"`);
  expect(printed).toContain(`Open http://localhost:${port} in a browser`);
  const login = await fetch(`http://localhost:${appPort}/login`, { redirect: 'manual' });
  const { origin, searchParams } = new URL(login.headers.get('location')!);
  expect(origin).toBe(`http://localhost:${port}`);
  expect(searchParams.get('code_challenge_method')).toBe('S256');

  // A login in another tab takes nothing from this one; whoever is refused is told why, and finds a way on.
  const cookie = login.headers.get('set-cookie')!.split(';')[0]!;
  await fetch(`http://localhost:${appPort}/login`, { redirect: 'manual', headers: { cookie } });
  const refusal = new URLSearchParams({
    error: 'access_denied',
    error_description: 'Not on <Sundays>',
    state: searchParams.get('state')!,
  });
  const callback = `http://localhost:${appPort}/callback?${refusal}`;
  const refused = await fetch(callback, { headers: { cookie } });
  expect(refused.status).toBe(403);
  expect(await refused.text()).toMatch(/Not on &lt;Sundays&gt;.*Begin again/s);
  const again = await fetch(callback, { redirect: 'manual', headers: { cookie } });
  expect(again.headers.get('location')).toBe('/');
  for (const at of [port, appPort]) {
    const lost = await fetch(`http://localhost:${at}/nowhere`, { headers: { accept: 'text/html' } });
    expect(lost.status).toBe(404);
    expect(await lost.text()).toMatch(/no page at this address.*href="\/">Begin again/s);
  }

  // As docs/passkeys.md has it.
  const invited = await fetch(`http://localhost:${port}/v1/invitations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${/admin, password (\S+)/.exec(printed)?.[1]}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ organization: 'org_north', client_id: 'demo-app', email: 'ann@example.com' }),
  });
  const { invitation_url } = (await invited.json()) as { invitation_url: string };
  const passedOn = await fetch(invitation_url, { redirect: 'manual' });
  const asked = new URL(passedOn.headers.get('location')!);
  expect(asked.searchParams.get('organization')).toBe('org_north');
  expect(asked.searchParams.get('invitation')).toBe(new URL(invitation_url).searchParams.get('invitation'));
  const begun = await fetch(asked, { redirect: 'manual' });
  expect(begun.headers.get('location')).toMatch(/\/login\//);
});

test('has a directory of its own', () => {
  const help = spawnSync(process.execPath, [bin, 'demo', '--help'], { encoding: 'utf8' });
  expect(help.stdout).not.toContain('--dir');
  const { status, stderr } = spawnSync(process.execPath, [bin, 'demo', '--dir', '.'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringContaining("unknown option '--dir'")]);
});

test('says which port of the auth server is taken', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await expect(
    start('--auth-server', '--auth-server-port', String(port), '--app-port', String(await freePort())),
  ).rejects.toThrow(
    `ended with 1: error: port ${port} is taken; stop what listens there or choose another with --auth-server-port`,
  );
  taken.close();
});
