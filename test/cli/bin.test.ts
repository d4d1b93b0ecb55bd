import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Node, parse } from 'acorn';
import { expect, test } from 'vitest';

const bin = fileURLToPath(new URL('../../src/bin.js', import.meta.url));

/** Makes a Node look older than the service needs before bin.js is read. */
const asOldNode = [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.0.0' } });",
  )}`,
];

function typesIn(value: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const inner of value) typesIn(inner, found);
  else if (typeof value === 'object' && value !== null) {
    const { type, operator } = value as Node & { operator?: string };
    if (typeof type === 'string') found.add(type);
    if (typeof operator === 'string') found.add(operator);
    for (const inner of Object.values(value)) typesIn(inner, found);
  }
  return found;
}

test('bin.js is written in what Node 12 can parse', async () => {
  const program = parse(await readFile(bin, 'utf8'), {
    ecmaVersion: 2020,
    sourceType: 'module',
    allowHashBang: true,
  });
  const types = typesIn(program);
  // Part of ES2020 but new in Node 14.
  expect(types).not.toContain('ChainExpression');
  expect(types).not.toContain('??');
  expect(types).toContain('ImportExpression');
});

test.each([
  ['kept', {}, /compile-cache/],
  ['not kept on a disk that is full', { bavail: 1 }, /^undefined$/],
  ['not kept where no more files fit', { ffree: 1 }, /^undefined$/],
])('what Node has compiled is %s', (_what, change, folder) => {
  const preload = `import fs from 'node:fs'; import { getCompileCacheDir } from 'node:module';
    const { statfsSync } = fs;
    fs.statfsSync = (path) => ({ ...statfsSync(path), bavail: 1e9, bsize: 4096, files: 1e9, ffree: 1e9, ...${JSON.stringify(change)} });
    process.on('exit', () => process.stderr.write(String(getCompileCacheDir())));`;
  const { NODE_COMPILE_CACHE: _, ...env } = process.env;
  const args = ['--import', `data:text/javascript,${encodeURIComponent(preload)}`, bin, '--version'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  expect(status).toBe(0);
  expect(stderr).toMatch(folder);
});

test('on an older Node it hands over to the pinned one, with output and exit code', () => {
  const version = spawnSync(process.execPath, [...asOldNode, bin, '--version'], { encoding: 'utf8' });
  expect(version).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  const wrong = spawnSync(process.execPath, [...asOldNode, bin, 'nope'], { encoding: 'utf8' });
  expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("unknown command 'nope'") });
});

test('on an older Node it forwards signals', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'empty-'));
  const args = [...asOldNode, bin, 'serve', '--dir', directory, '--port', '0', '--sandbox-processes', '1'];
  const child = spawn(process.execPath, args);
  const { promise: listening, resolve } = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (text.includes('listens on')) resolve();
  });
  await listening;
  const closed = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await closed).toEqual([0, null]);
  await rm(directory, { recursive: true });
}, 60_000);

test('on an older Node without a pinned one that is newer it says what to do', () => {
  const env = { ...process.env, DRAWBRIDGE_HANDED_OVER: '1' };
  const result = spawnSync(process.execPath, [...asOldNode, bin, 'serve'], { encoding: 'utf8', env });
  expect(result.status).toBe(1);
  expect(result.stderr).toContain('drawbridge needs Node 24 or newer');
  expect(result.stderr).toContain('npm ci');
  expect(result.stderr).not.toContain('    at ');
});
