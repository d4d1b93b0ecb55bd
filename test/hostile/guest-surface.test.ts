import { readFileSync, writeFileSync } from 'node:fs';

import { expect, test } from 'vitest';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, resultOf } from '../sandbox/sandbox-pool.ts';
import { walkScript } from './walk-guest.ts';

/**
 * What scripts can reach, compared with the list that was reviewed. To accept a change, read the difference for what
 * leads out of the isolate, and write the list anew: `npm run guest-surface`.
 */
const list = `${import.meta.dirname}/guest-surface.txt`;
const rewrite = process.env.DRAWBRIDGE_REWRITE_SURFACE === '1';

async function surface(pool: Pool): Promise<string[]> {
  const { modules } = await locateGuestBuild();
  const builtins = modules.modules.filter(({ kind }) => kind === 'builtin').map(({ name }) => name);
  const source = walkScript([...new Set(builtins)].sort());
  let text = '';
  for (let length = 1; text.length < length; ) {
    const answer = await resultOf(pool, source, { args: [String(text.length), {}], isolation: 'execution' });
    const { user_id, part } = answer as { user_id: string; part: string };
    length = Number(user_id);
    text += part;
  }
  return text.split('\n');
}

test('scripts reach what is on the reviewed list and nothing else', async () => {
  const pool = await createTestPool();
  const found = await surface(pool).finally(() => pool.close());
  if (rewrite) writeFileSync(list, `${found.join('\n')}\n`);
  const reviewed = new Set(readFileSync(list, 'utf8').trimEnd().split('\n'));
  const here = new Set(found);
  const difference = [
    ...found.filter((line) => !reviewed.has(line)).map((line) => `+ ${line}`),
    ...[...reviewed].filter((line) => !here.has(line)).map((line) => `- ${line}`),
  ];
  expect(
    difference,
    'What scripts can reach has changed. Read each line for what leads out of the isolate, then run: npm run guest-surface',
  ).toEqual([]);
});

test.each([
  [
    'WebAssembly and SharedArrayBuffer, whose memory nobody counts',
    /\.(WebAssembly|SharedArrayBuffer|ShadowRealm)\b/,
  ],
  ['what the runtime is put together with', /__drawbridge|isolated|\bivm\b|core-js/i],
  ['the garbage collector, and natives of the engine', /^globalThis\.(gc|%|d8|print|load|readline)\b/],
  ['anything that starts, loads or opens', /\b(getBuiltinModule|mainModule|_linkedBinding|_load)\b/],
])('the reviewed list is without %s', (_, pattern) => {
  const lines = readFileSync(list, 'utf8').split('\n');
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines.filter((line) => pattern.test(line))).toEqual([]);
});
