import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { layDownTemplate } from '../../src/cli/script-templates.ts';
import { startUserStore } from '../../src/demo/start-user-store.ts';
import { runCli, startCli } from './run-cli.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tenant-'));
  await layDownTemplate('http', folder(), 'acme');
  // To run them takes a sandbox, which one test is enough for.
  await rm(join(folder(), 'fixtures.yaml'));
});
afterEach(() => rm(root, { recursive: true }));

const folder = () => join(root, 'database-connections', 'acme');
const databaseFile = () => join(folder(), 'database.json');

async function changeOptions(change: Record<string, unknown>): Promise<void> {
  const database = JSON.parse(await readFile(databaseFile(), 'utf8'));
  await writeFile(
    databaseFile(),
    JSON.stringify({ ...database, options: { ...database.options, ...change } }),
  );
}

const check = (...args: string[]) => runCli(['check', ...args, '--dir', root]);

test('0: a connection that is ready, without the values of its markers', async () => {
  const { code, stdout, stderr } = await check('acme');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^acme: ready \(0 errors, 0 warnings/);
  expect(stdout).toContain('✓ the scripts get the context object');
  expect(stdout).toContain('? the tenant has the Universal Login; Identifier First is on: ');
});

test('1: one that is not ready, with the place and what to change', async () => {
  await changeOptions({ enable_script_context: false });
  const { code, stdout } = await check();
  expect(code).toBe(1);
  expect(stdout).toMatch(/^acme: not ready \(\d+ errors?, /);
  expect(stdout).toMatch(/✗ The context object is off \[context_object_off\]\n +acme\/database.json options/);
  expect(stdout).toMatch(/^ +fix: Set options.enable_script_context to true/m);
});

test('warnings are no obstacle, unless --strict says so', async () => {
  await changeOptions({ disable_signup: true });
  expect(await check('--json')).toMatchObject({ code: 0 });
  const { code, stdout } = await check('--json', '--strict');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    ready: true,
    problems: [],
    connections: [
      {
        connection: 'acme',
        ready: true,
        findings: [
          {
            code: 'signup_disabled',
            severity: 'warning',
            file: 'acme/database.json',
            path: 'options.disable_signup',
          },
        ],
        counts: { errors: 0, warnings: 1 },
      },
    ],
  });
});

test('1: a file that cannot be read is told with its reason', async () => {
  await writeFile(databaseFile(), '{"name": "acme",');
  const { code, stdout } = await check('acme');
  expect(code).toBe(1);
  expect(stdout).toMatch(/^Problem: database-connections\/acme\/database.json: line 1, column \d+: /);
});

test('1: so is a broken file of the tenant', async () => {
  await mkdir(join(root, 'prompts'));
  await writeFile(join(root, 'prompts', 'prompts.json'), '{');
  const { code, stdout } = await check('acme');
  expect(code).toBe(1);
  expect(stdout).toMatch(/\[tenant_file_broken\]\n +prompts\/prompts.json: line 1, column \d+: /);
});

test('1: a name that is not there, with those that are', async () => {
  const { code, stderr } = await check('acmee');
  expect(code).toBe(1);
  expect(stderr).toBe('error: there is no connection "acmee"; there are acme\n');
});

test.each([
  [['--identifier', 'jane@example.com'], '--identifier needs --live'],
  [['--live', '--identifier', 'jane@example.com'], '--live needs the name'],
  [['acme', '--live'], '--live needs --identifier'],
  [['acme', '--live', '--create-identifier', 'x', '--password-stdin'], 'a password needs --identifier'],
  [['acme', '--budget-ms', 'soon'], 'whole numbers'],
  [['acme', '--live', '--egress-allow', 'a b'], 'host:port'],
])('2: %j is wrong usage', async (args, reason) => {
  const { code, stderr } = await check(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(reason);
});

test('fixtures beside the scripts are run, and through outages of the store', async () => {
  await layDownTemplate('http', folder(), 'acme');
  const faulty = new URL(
    '../passkeys/faulty/database-connections/outage-reported-as-not-found/',
    import.meta.url,
  );
  await cp(new URL('get_user.js', faulty), join(folder(), 'get_user.js'));
  await cp(new URL('lib', faulty), join(folder(), 'lib'), { recursive: true });
  const { code, stdout } = await check('acme', '--json');
  expect(code).toBe(1);
  const [report] = JSON.parse(stdout).connections;
  const found = report.findings.find(
    (each: { code: string }) => each.code === 'outage_reported_as_not_found',
  );
  expect(found).toMatchObject({
    script: 'get_user',
    file: expect.stringContaining('fixtures.yaml'),
    message: expect.stringContaining('when the store cannot be reached'),
  });
  expect(report.checks).toContainEqual(
    expect.objectContaining({ name: 'user_id_lookup_fails', status: 'passed' }),
  );
});

test('--live says which values are missing', async () => {
  const { code, stderr } = await check('acme', '--live', '--identifier', 'jane@example.com');
  expect(code).toBe(1);
  expect(stderr).toContain('@@USER_STORE_URL@@, @@USER_STORE_TOKEN@@ have no value');
});

test('--live runs the scripts with test users, the password from standard input', async () => {
  const store = await startUserStore();
  try {
    const env = join(root, '.env');
    await writeFile(env, `USER_STORE_URL=${store.url}\nUSER_STORE_TOKEN=${store.credentials.token}\n`);
    const args = ['check', 'acme', '--dir', root, '--json', '--live', '--env-file', env];
    const users = ['--identifier', 'jane@example.com', '--create-identifier', 'fresh@example.com'];
    const child = startCli([...args, ...users, '--password-stdin', '--egress-allow', store.address]);
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stdin?.end('janes-demo-password\n');
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.on('close', resolve);
    expect(await promise).toBe(0);
    expect(stdout).not.toContain('janes-demo-password');
    const [report] = JSON.parse(stdout).connections;
    const behaviour = report.checks.filter(({ family }: { family: string }) => family === 'behaviour');
    expect(behaviour.map(({ status }: { status: string }) => status)).toEqual(Array(13).fill('passed'));
    expect(report.notes).toBeUndefined();
  } finally {
    await store.close();
  }
});
