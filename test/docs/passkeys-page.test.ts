import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthServer } from '../../src/auth-server/create-auth-server.ts';
import { allExtensions } from '../../src/auth-server/extensions/all-extensions.ts';
import {
  type PostLoginEvent,
  type PostLoginHook,
  runPostLoginHook,
} from '../../src/auth-server/extensions/post-login/post-login-hook.ts';
import { ceremonyErrors } from '../../src/auth-server/passkeys/ceremony-error.ts';
import { scriptEndpoints } from '../../src/http/app.ts';
import { localFetch } from '../auth-server/support/local-fetch.ts';
import { freePort } from '../auth-server/support/start-stack.ts';

const root = new URL('../../', import.meta.url);
const page = await readFile(new URL('../../docs/passkeys.md', import.meta.url), 'utf8');

test('docs/passkeys.md has each code of a failed ceremony, with its sentence', () => {
  const section = /^## When a ceremony fails\n(.*?)^## /ms.exec(page)![1]!;
  const rows = [...section.matchAll(/^\| `(\w+)` \| (.+) \|$/gm)].map(([, code, text]) => [code, text]);
  expect(rows).toEqual(Object.entries(ceremonyErrors));
});

test('the calls of its diagrams are calls of the HTTP API', () => {
  const calls = [...page.matchAll(/^ +A->>D: ([\w-]+)/gm)].map(([, call]) => call!);
  const paths = scriptEndpoints.map(({ path }) => path.split('/').at(-1));
  expect(new Set(calls)).toEqual(new Set(['get-user', 'user-handle', 'signup']));
  for (const call of calls) expect([...paths, 'user-handle']).toContain(call);
});

test('it sends readers to every file of the core, and to nothing that is not there', () => {
  const reading = page.slice(page.indexOf('## Reading the reference server'));
  const [table] = /(?:^\|.*\n)+/m.exec(reading)!;
  const listed = [...table.matchAll(/`([\w/-]+\.\w+)`/g)].map(([, file]) => file!);
  const folder = new URL('src/auth-server/', root);
  const core = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'icon.svg')
    .map(({ parentPath, name }) => relative(fileURLToPath(folder), join(parentPath, name)))
    .filter((file) => !file.startsWith('extensions/'));
  expect(listed.toSorted()).toEqual(core.toSorted());

  const elsewhere = [...page.matchAll(/`(src\/[\w/-]+\.ts|extensions\/[\w/-]+\.ts)`/g)].map(
    ([, file]) => file!,
  );
  const urlOf = (file: string) => new URL(file, file.startsWith('src/') ? root : folder);
  expect(elsewhere.length).toBeGreaterThan(1);
  expect(elsewhere.filter((file) => !existsSync(urlOf(file)))).toEqual([]);
});

test('its extensions are those that there are', () => {
  const listed = [...page.matchAll(/^\| `([\w-]+)\/` \|/gm)].map(([, name]) => name!);
  const folders = readdirSync(new URL('src/auth-server/extensions/', root), { withFileTypes: true });
  expect(listed.toSorted()).toEqual(folders.filter((each) => each.isDirectory()).map(({ name }) => name));
});

test('its hook waives the second factor after a passkey, and only then', async () => {
  const [, source] = /```js\n(async function onPostLogin.*?)```/s.exec(page)!;
  const hook = new Function(`return ${source}`)() as PostLoginHook;
  const run = (name: 'passkey' | 'pwd') =>
    runPostLoginHook(hook, {
      authentication: { methods: [{ name, timestamp: new Date().toISOString() }] },
    } as unknown as PostLoginEvent);
  expect(await run('passkey')).toEqual({ multifactor: 'none' });
  expect(await run('pwd')).toEqual({});
});

test('its invitation is answered with a link', async () => {
  const [, command] = /```sh\n(curl .*?)```/s.exec(page)!;
  const port = await freePort();
  const adminPassword = 'password-of-the-docs-test';
  const authServer = createAuthServer({
    settings: {
      bridge: { url: 'http://127.0.0.1:1', connection: 'acme' },
      databaseFile: ':memory:',
      domains: [{ origin: `http://localhost:${port}` }],
      clients: [
        {
          client_id: 'demo-app',
          client_name: 'App',
          redirect_uris: ['https://app.example.com/callback'],
          initiate_login_uri: 'https://app.example.com/login',
        },
      ],
    },
    extend: allExtensions({ adminPassword, organizations: [{ id: 'org_north', name: 'north' }] }),
  });
  await authServer.listen(port);
  onTestFinished(() => authServer.close());
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', command!.replace('localhost:4000', `localhost:${port}`)],
    { env: { ...process.env, ADMIN_PASSWORD: adminPassword } },
  );
  const { invitation_url } = JSON.parse(stdout);
  expect(invitation_url).toMatch(/^https:\/\/app\.example\.com\/login\?invitation=/);
});

test("its auth server of one's own runs as it stands", async () => {
  const [, source] = /```ts\n(import \{ createAuthServer \}.*?)```/s.exec(page)!;
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-docs-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const port = await freePort();
  const file = join(folder, 'login.mts');
  await writeFile(file, source!.replaceAll("'./src/", `'${root}src/`).replaceAll('4000', String(port)));
  const env = { ...process.env, ADMIN_PASSWORD: 'password-of-the-docs-test' };
  const running = spawn(process.execPath, [file], { cwd: folder, env, stdio: 'inherit' });
  const ended = once(running, 'exit');
  onTestFinished(async () => {
    running.kill();
    await ended;
  });
  const home = () => localFetch(`http://localhost:${port}/`).then((answer) => answer.text());
  await expect.poll(() => home().catch(() => ''), { timeout: 20_000 }).toContain('href="/admin"');
});
