import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { promote } from '../../src/cli/promote.ts';
import { shadowReport } from '../../src/cli/shadow.ts';
import { connectionFiles, type RunningService, startService } from './running-service.ts';

const served = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '42', email: 'jane@example.com', name: 'Jane Doe' });
}`;
const next = `const { nameOf } = require('./lib/name');
function getUser(identifierValue, context, callback) {
  if (identifierValue === 'gone@example.com') return callback(null);
  if (identifierValue === 'hang@example.com') for (;;) {}
  console.log('looked up ' + identifierValue + ' with ' + configuration.SECRET);
  callback(null, { user_id: '42', email: 'jane@example.com', name: nameOf() });
}`;
/** Its scripts lie in a folder of their own. */
const subfolderFiles = (name: string, dir: string) => {
  const files = connectionFiles(
    name,
    {},
    { shadow: { dir }, customScripts: { get_user: './scripts/get_user.js' } },
  );
  const folder = `database-connections/${name}`;
  return {
    ...files,
    [`${folder}/scripts/get_user.js`]: served,
    [`${folder}/next/get_user.js`]: `${served}\n`,
  };
};
const apiKey = 'the-key-of-this-test-0123456789abcdef';

let service: RunningService;
let root: string;

beforeAll(async () => {
  service = await startService({
    files: {
      ...connectionFiles('acme', { get_user: served }, { shadow: { dir: './next' } }),
      'database-connections/acme/next/get_user.js': next,
      'database-connections/acme/next/lib/name.js': "exports.nameOf = () => 'Jane Roe';",
      ...connectionFiles('plain', { get_user: served }),
      ...subfolderFiles('deeper', './next'),
      'database-connections/deeper/next/data.bin': '\u00ff',
      ...subfolderFiles('itself', './scripts'),
      ...connectionFiles('empty', { get_user: served }, { shadow: { dir: './next' } }),
    },
    env: (directory) => {
      root = directory;
      return { DRAWBRIDGE_API_KEY: apiKey, DRAWBRIDGE_SCRIPT_CPU_MS: '300' };
    },
    apiKey,
  });
  vi.stubEnv('DRAWBRIDGE_API_KEY', apiKey);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await service.stop();
});

const getUser = (identifier: string) => service.run('acme', 'get-user', { identifier });
const report = () => shadowReport('acme', { url: service.url });

test('the served version answers, whatever the new one does, and the report says what it does', async () => {
  for (const identifier of ['jane@example.com', 'gone@example.com', 'hang@example.com']) {
    expect((await getUser(identifier)).body.user.name).toBe('Jane Doe');
    const compared = { 'jane@example.com': 1, 'gone@example.com': 2, 'hang@example.com': 3 }[identifier];
    await vi.waitFor(async () => expect((await report()).scripts.get_user?.compared).toBe(compared), 5_000);
  }
  const { differences } = (await report()).scripts.get_user!;
  expect(differences.map(({ kind, count }) => [kind, count])).toEqual(
    expect.arrayContaining([
      ['profile', 1],
      ['found', 1],
      ['outcome', 1],
    ]),
  );
  const example = differences.find(({ kind }) => kind === 'profile')!.examples[0]!;
  expect(example.fields).toEqual([{ path: 'name', served: 'a string of 8', shadow: 'a string of 8' }]);
  expect(JSON.stringify(differences)).not.toMatch(/jane@|Jane/);
  const metrics = (await service.call('/metrics')).text;
  expect(metrics).toContain('drawbridge_shadow_differences_total{script="get_user",kind="found"} 1');
});

test('a connection without a shadow has no report; one with an empty folder says so, and is served', async () => {
  const path = (connection: string) => `/v1/connections/${connection}/shadow`;
  expect(await service.call(path('plain'))).toMatchObject({ status: 404, body: { code: 'not_found' } });
  const shown = await service.call('/v1/connections/empty');
  expect(shown.body.problems).toEqual([
    expect.objectContaining({ path: 'options.shadow.dir', message: expect.stringContaining('get_user.js') }),
  ]);
  expect((await service.run('empty', 'get-user', { identifier: 'jane' })).status).toBe(200);
});

test('a new version that cannot be run is told with its place, and never promoted', async () => {
  await service.write({ 'database-connections/empty/next/get_user.js': 'function getUser( {' });
  const broken = () => shadowReport('empty', { url: service.url });
  await vi.waitFor(async () => expect((await broken()).problems).toHaveLength(1), 5_000);
  expect((await service.run('empty', 'get-user', { identifier: 'jane' })).status).toBe(200);
  expect((await broken()).problems).toEqual([
    { file: 'empty~shadow/get_user.js', line: 1, message: expect.any(String) },
  ]);
  const flags = { dir: root, url: service.url, expect: 1 };
  await expect(promote('empty', { ...flags, force: true })).rejects.toThrow(/cannot be run/);
});

test('promote refuses a version that differs, and puts it in place when it is told to', async () => {
  const flags = { dir: root, url: service.url, expect: 1 };
  await expect(promote('acme', flags)).rejects.toThrow(/3 compared, 3 different/);
  await expect(promote('plain', flags)).rejects.toThrow(/no options.shadow/);
  const dry = await promote('acme', { ...flags, force: true, dryRun: true });
  expect(dry.promoted).toEqual([
    'database-connections/acme/get_user.js',
    'database-connections/acme/lib/name.js',
  ]);
  const folder = join(root, 'database-connections/acme');
  expect(await readFile(join(folder, 'get_user.js'), 'utf8')).toBe(served);

  const done = await promote('acme', { ...flags, force: true });
  expect(done).toMatchObject({ finished: true, previous: expect.stringContaining('previous-') });
  expect(await readFile(join(root, done.previous!, 'get_user.js'), 'utf8')).toBe(served);
  expect(await readdir(folder)).not.toContain('next');
  expect(JSON.parse(await readFile(join(folder, 'database.json'), 'utf8')).options).not.toHaveProperty(
    'shadow',
  );
  await vi.waitFor(
    async () => expect((await getUser('jane@example.com')).body.user.name).toBe('Jane Roe'),
    5_000,
  );
});

test('promote puts scripts where the served ones lie, and never takes a folder away that is served', async () => {
  const flags = { dir: root, url: service.url, expect: 1, force: true };
  const at = (path: string) => join(root, 'database-connections', path);
  expect((await promote('deeper', flags)).promoted).toContain(
    'database-connections/deeper/scripts/get_user.js',
  );
  expect(await readFile(at('deeper/scripts/get_user.js'), 'utf8')).toBe(`${served}\n`);
  await expect(promote('itself', flags)).rejects.toThrow(/a folder of what is served/);
  expect(await readdir(at('itself/scripts'))).toEqual(['get_user.js']);
});
