import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nativePackages } from '../../sandbox/build/read-guest-build.ts';
import { hostMain, readablePaths } from '../../src/pool/sandbox-code.ts';
import { attemptInSandbox, guestDirectory, knownVariables } from './started-sandbox.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const addon = join(root, 'node_modules/isolated-vm/package.json');

const attempts = `[
  ['reads its own code', async () => (await import('node:fs')).readFileSync(process.argv[1]) && 'done'],
  ['reads the service', async () => (await import('node:fs')).readFileSync(${JSON.stringify(join(root, 'src/service.ts'))})],
  ['reads what lies in the root', async () => (await import('node:fs')).readFileSync(${JSON.stringify(join(root, 'package.json'))})],
  ['lists the root', async () => (await import('node:fs')).readdirSync(${JSON.stringify(root)})],
  ['reads the users of the system', async () => (await import('node:fs')).readFileSync('/etc/passwd')],
  ['reads the environment of the service', async () => (await import('node:fs')).readFileSync('/proc/' + process.ppid + '/environ')],
  ['writes', async () => (await import('node:fs')).writeFileSync(${JSON.stringify(join(tmpdir(), 'written'))}, 'x')],
  ['reads a database', async () => new (await import('node:sqlite')).DatabaseSync('/proc/self/status', { readOnly: true })],
  ['has SQLite', async () => String(process.getBuiltinModule('node:sqlite'))],
  ['starts a process', async () => (await import('node:child_process')).spawnSync('/bin/true')],
  ['starts a thread', async () => new (await import('node:worker_threads')).Worker('', { eval: true })],
  ['uses WASI', async () => new (await import('node:wasi')).WASI({ version: 'preview1' })],
  ['opens the debugger', async () => (await import('node:inspector')).open(0)],
  ['loads an addon', async () => process.dlopen({ exports: {} }, ${JSON.stringify(addon)})],
  ['reaches for the inside of Node', async () => process.binding('fs')],
  ['signals the service', async () => process.kill(process.ppid, 0)],
  ['opens the debugger of the service', async () => process._debugProcess(process.ppid)],
  ['signals itself', async () => process.kill(process.pid, 0)],
  ['has an environment', async () => JSON.stringify(process.env)],
  ['may add addons', async () => process.permission.has('addon')],
]`;

test('what gets out of an isolate finds a process that can do next to nothing', async () => {
  vi.stubEnv('NODE_OPTIONS', '--no-deprecation');
  onTestFinished(() => void vi.unstubAllEnvs());
  const found = await attemptInSandbox(attempts);
  const variables = Object.keys(JSON.parse(found['has an environment'] ?? ''));
  expect(knownVariables).toEqual(expect.arrayContaining(variables));
  expect(found).toEqual({
    'reads its own code': 'done',
    'reads the service': 'ERR_ACCESS_DENIED',
    'reads what lies in the root': 'ERR_ACCESS_DENIED',
    'lists the root': 'ERR_ACCESS_DENIED',
    'reads the users of the system': 'ERR_ACCESS_DENIED',
    'reads the environment of the service': 'ERR_ACCESS_DENIED',
    writes: 'ERR_ACCESS_DENIED',
    'reads a database': 'ERR_UNKNOWN_BUILTIN_MODULE',
    'has SQLite': 'undefined',
    'starts a process': 'ERR_ACCESS_DENIED',
    'starts a thread': 'ERR_ACCESS_DENIED',
    'uses WASI': 'ERR_ACCESS_DENIED',
    'opens the debugger': 'ERR_ACCESS_DENIED',
    'loads an addon': 'ERR_ACCESS_DENIED',
    'reaches for the inside of Node': 'ERR_ACCESS_DENIED',
    'signals the service': 'A sandbox process sends no signals',
    'opens the debugger of the service': 'process._debugProcess is not a function',
    'signals itself': 'true',
    'has an environment': expect.any(String),
    'may add addons': 'false',
  });
});

test('it may read its own code: the guest and the host beside it, and the packages that the host cannot hold', () => {
  const text = readFileSync(hostMain(guestDirectory), 'utf8');
  const required = [...text.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name!);
  const packages = new Set(required.filter((name) => !isBuiltin(name)));
  expect([...packages].sort()).toEqual([...nativePackages]);

  const paths = readablePaths(guestDirectory).map((path) => path.replace(root, ''));
  expect(paths).toEqual(expect.arrayContaining(['node_modules/isolated-vm/']));
  for (const path of paths)
    expect(path).toMatch(/^(node_modules\/[a-z.-]+\/$|dist\/guest\/|\/etc\/alpine-release$)/);
});
