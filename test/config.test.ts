import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { inspect } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { ConfigError, type Flags, loadConfig } from '../src/config.ts';
import { isEgressEntry, isLoopback } from '../src/config-fields.ts';
import { settings } from '../src/config-settings.ts';

const key = '0123456789abcdef';

function problemsOf(flags: Flags, env: Record<string, string>): readonly string[] {
  try {
    loadConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

test('without flags and variables the defaults hold', () => {
  expect(loadConfig({}, {})).toMatchObject({
    dir: resolve('tenant'),
    host: '127.0.0.1',
    port: 3000,
    tenant: 'default',
    maxUnderWay: 64,
    maxWaiting: 1000,
    egressAllow: [],
    scriptTimeoutMs: 20_000,
    scriptCpuMs: 5_000,
    scriptMemoryMb: 128,
    logLevel: 'info',
  });
  expect(loadConfig({}, {}).sandboxProcesses).toBeGreaterThan(0);
  expect(loadConfig({}, {})).not.toHaveProperty('apiKey');
});

test('a flag comes before its variable, a variable before the default', () => {
  const env = { DRAWBRIDGE_PORT: '4000', DRAWBRIDGE_TENANT: 'acme' };
  expect(loadConfig({ port: '5000' }, env)).toMatchObject({ port: 5000, tenant: 'acme' });
});

test('an empty variable counts as not set', () => {
  expect(loadConfig({}, { DRAWBRIDGE_PORT: '', DRAWBRIDGE_API_KEYS_FILE: '' })).toMatchObject({ port: 3000 });
});

test('the configuration cannot be changed afterwards', () => {
  expect(Object.isFrozen(loadConfig({}, {}))).toBe(true);
});

test.each([
  ['DRAWBRIDGE_PORT', 'abc'],
  ['DRAWBRIDGE_PORT', '65536'],
  ['DRAWBRIDGE_PORT', '-1'],
  ['DRAWBRIDGE_PORT', '1e3'],
  ['DRAWBRIDGE_HOST', 'a b'],
  ['DRAWBRIDGE_TENANT', '../x'],
  ['DRAWBRIDGE_SANDBOX_PROCESSES', '0'],
  ['DRAWBRIDGE_MAX_UNDER_WAY', '0'],
  ['DRAWBRIDGE_MAX_WAITING', '1.5'],
  ['DRAWBRIDGE_EGRESS_ALLOW', 'http://x'],
  ['DRAWBRIDGE_SCRIPT_TIMEOUT_MS', '20s'],
  ['DRAWBRIDGE_SCRIPT_CPU_MS', '1'],
  ['DRAWBRIDGE_SCRIPT_MEMORY_MB', '8'],
  ['DRAWBRIDGE_LOG_LEVEL', 'loud'],
  ['DRAWBRIDGE_LOG_FORMAT', 'xml'],
  ['DRAWBRIDGE_SANDBOX_USER', 'no-such-user'],
  ['DRAWBRIDGE_SANDBOX_USER', '1000'],
  ['DRAWBRIDGE_SANDBOX_USER', '-1:5'],
  ['DRAWBRIDGE_SANDBOX_WRAPPER', "bwrap 'unclosed"],
  ['DRAWBRIDGE_SANDBOX_WRAPPER', '  '],
])('%s=%s is refused by name, with what it was and what is allowed', (variable, value) => {
  const [problem, ...others] = problemsOf({}, { [variable]: value });
  expect(others).toEqual([]);
  expect(problem).toContain(variable);
  expect(problem).toContain(JSON.stringify(value));
  expect(problem).toContain('; allowed: ');
});

test('a bad flag is named as the flag, and all mistakes are told at once', () => {
  const problems = problemsOf({ port: 'x', logLevel: 'y' }, { DRAWBRIDGE_SCRIPT_MEMORY_MB: 'z' });
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual([
    '--port',
    'DRAWBRIDGE_SCRIPT_MEMORY_MB',
    '--log-level',
  ]);
});

test.each(['short', 'with spaces in it 123', 'ümlaut-0123456789'])(
  'a bad API key is refused and not shown: %s',
  (bad) => {
    const problems = problemsOf({}, { DRAWBRIDGE_API_KEY: bad });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^DRAWBRIDGE_API_KEY is not usable/);
    expect(problems[0]).not.toContain(bad);
  },
);

test('an API key that is set but empty is refused, since it would open the API', () => {
  expect(problemsOf({}, { DRAWBRIDGE_API_KEY: '' })[0]).toMatch(/^DRAWBRIDGE_API_KEY is set but empty/);
});

test('an API key shows neither in JSON nor in the inspector', () => {
  const config = loadConfig({}, { DRAWBRIDGE_API_KEY: key });
  expect(config.apiKey?.reveal()).toBe(key);
  for (const text of [
    JSON.stringify(config),
    inspect(config, { depth: 9, showHidden: true }),
    `${config.apiKey}`,
  ]) {
    expect(text).not.toContain(key);
    expect(text).toContain('[secret]');
  }
});

test.each(['0.0.0.0', '::', '192.168.1.5', 'bridge.example'])('bound to %s it wants a key', (host) => {
  const [problem] = problemsOf({ host }, {});
  expect(problem).toContain('--host');
  expect(problem).toContain('DRAWBRIDGE_API_KEY');
  expect(loadConfig({ host }, { DRAWBRIDGE_API_KEY: key }).host).toBe(host);
  expect(loadConfig({ host }, { DRAWBRIDGE_API_KEYS_FILE: 'keys.json' }).host).toBe(host);
});

test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '::ffff:127.0.0.1'])('%s is loopback', (host) => {
  expect(isLoopback(host)).toBe(true);
  expect(loadConfig({ host }, {}).host).toBe(host);
});

test.each([
  'localhost',
  'db.internal:5432',
  '10.0.0.0/8',
  '10.0.0.0/8:443',
  '10.1.2.3',
  '10.1.2.3:80',
  '::1',
  'fd00::/8',
  '[::1]:80',
  '[fd00::/8]:80',
  '*.example.test',
  'acme=10.1.2.3:5432',
  'Acme-2 = [fd00::/8]:80',
])('%s is an egress entry', (entry) => expect(isEgressEntry(entry)).toBe(true));

test.each([
  'http://x',
  'x:0',
  'x:99999',
  '10.0.0.0/33',
  'a b',
  ':80',
  '[::1',
  '1::2::3',
  '10.0.0',
  '127.1',
  '0x7f.1',
  '010.0.0.1',
  '=10.0.0.1',
  'a_b=10.0.0.1',
  'acme=',
  'a=b=c',
])('%s is no egress entry', (entry) => {
  expect(isEgressEntry(entry)).toBe(false);
  expect(problemsOf({ egressAllow: `localhost,${entry}` }, {})[0]).toContain(JSON.stringify(entry));
});

test.skipIf(process.getuid?.() !== 0)('root may name another user (skipped as another user)', () => {
  expect(loadConfig({}, { DRAWBRIDGE_SANDBOX_USER: 'root' }).sandboxUser).toEqual({
    name: 'root',
    uid: 0,
    gid: 0,
  });
  expect(loadConfig({ sandboxUser: '4711:4712' }, {}).sandboxUser).toMatchObject({ uid: 4711, gid: 4712 });
});

test('somebody else than root may not, and is told what to do', () => {
  const getuid = vi.spyOn(process, 'getuid').mockReturnValue(1_000);
  onTestFinished(() => getuid.mockRestore());
  expect(problemsOf({}, { DRAWBRIDGE_SANDBOX_USER: '4711:4712' })).toEqual([
    'DRAWBRIDGE_SANDBOX_USER is "4711:4712", but only root may start processes as another user; ' +
      'leave it unset, and sandbox processes run as the user that starts Drawbridge',
  ]);
});

test.each([
  ['bwrap --ro-bind / /', ['bwrap', '--ro-bind', '/', '/']],
  [`run "a b" 'c "d"' e'f'"g"`, ['run', 'a b', 'c "d"', 'efg']],
  ['run $HOME ; `x` && *', ['run', '$HOME', ';', '`x`', '&&', '*']],
  [`run ''`, ['run', '']],
])('the wrapper %s is these words, and no shell reads them', (text, words) => {
  expect(loadConfig({ sandboxWrapper: text }, {}).sandboxWrapper).toEqual(words);
});

test('no secret has a flag', () => {
  expect(settings.filter(({ flag }) => !flag).map(({ variable }) => variable)).toEqual([
    'DRAWBRIDGE_API_KEY',
    'DRAWBRIDGE_ENCRYPTION_KEY',
  ]);
});

test('docs/configuration.md has one row per setting, in the same order and with the same default', async () => {
  const page = await readFile(new URL('../docs/configuration.md', import.meta.url), 'utf8');
  const row = /^\| (?:`--([\w-]+)`)? ?\| `(DRAWBRIDGE_\w+)` \| (.*?) ?\| /gm;
  const documented = [...page.matchAll(row)].map(([, flag, variable, byDefault]) => ({
    flag,
    variable,
    byDefault,
  }));
  const expected = settings.map(({ flag, variable, byDefault }) => ({
    flag: flag?.name,
    variable,
    byDefault: typeof byDefault === 'function' ? 'number of cores' : byDefault ? `\`${byDefault}\`` : '',
  }));
  expect(documented).toEqual(expected);
});
