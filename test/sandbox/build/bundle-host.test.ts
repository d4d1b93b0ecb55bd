import { mkdtemp, readdir, readFile, rm, stat, truncate, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bundleHost } from '../../../sandbox/build/bundle-host.ts';

test('the host is bundled once, readable for other users, and anew when its file was cut short', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-host-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'host.cjs');
  const before = process.umask(0o077);
  try {
    await Promise.all([bundleHost(folder), bundleHost(folder)]);
  } finally {
    process.umask(before);
  }
  expect(await readdir(folder)).toEqual(['host.cjs']);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
  const whole = await readFile(file, 'utf8');

  await utimes(file, 1, 1);
  await bundleHost(folder);
  expect((await stat(file)).mtimeMs).toBe(1_000);

  await truncate(file, 1_000);
  await bundleHost(folder);
  expect(await readFile(file, 'utf8')).toBe(whole);
});
