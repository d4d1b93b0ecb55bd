import { readFileSync, writeFileSync } from 'node:fs';

<<<<<<< HEAD

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
=======
import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtins } from '../../sandbox/build/builtins.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { createTestPool, resultOf } from '../sandbox/sandbox-pool.ts';

/**
 * What a script can reach, one line each, as somebody has read it: globals, and the modules of the runtime, with the
 * properties of objects, functions and prototypes, each object once, by its shortest name. Accessors are listed, not invoked.
 */
const reviewed = new URL('./guest-surface.txt', import.meta.url);
const rewrite = process.env.REVIEWED_GUEST_SURFACE === 'rewrite';

/** The globals come before any module. */
const walk = `
function getUser(what, context, callback) {
  const lines = [];
  const seen = new Set();
  let queue = [];
  const nameOf = (key) => (typeof key === 'symbol' ? '[' + String(key) + ']' : key);
  const isEntry = (key) => typeof key === 'string' && /^[0-9]+$/.test(key);
  const isObject = (value) => (typeof value === 'object' && value !== null) || typeof value === 'function';
  function later(value, path) {
    if (!isObject(value) || seen.has(value)) return;
    seen.add(value);
    queue.push([value, path]);
  }
  function visit(value, path) {
    for (const key of Reflect.ownKeys(value)) {
      if (isEntry(key) || (typeof value === 'function' && (key === 'length' || key === 'name'))) continue;
      const { get, set, value: inner } = Reflect.getOwnPropertyDescriptor(value, key);
      const at = path + '.' + nameOf(key);
      if (key !== 'constructor' || !seen.has(inner))
        lines.push(at + (get || set ? ' accessor' : ' ' + (inner === null ? 'null' : typeof inner)));
      later(get, at + '<get>');
      later(set, at + '<set>');
      later(inner, at);
    }
    later(Reflect.getPrototypeOf(value), path + '.<prototype>');
  }
  function walkAll() {
    for (let at = 0; at < queue.length; at++) visit(queue[at][0], queue[at][1]);
    queue = [];
  }
  later(globalThis, 'globalThis');
  walkAll();
  // Kinds of functions and iterators that no name leads to.
  const unnamed = {
    asyncFunction: async () => {}, generator: function* () {}, asyncGenerator: async function* () {},
    arrayIterator: [][Symbol.iterator](), mapIterator: new Map().entries(), setIterator: new Set().entries(),
    stringIterator: ''[Symbol.iterator](), regExpIterator: ''.matchAll(/a/g), arguments: (function () { return arguments; })(),
    error: new Error('x'), script: getUser, callback, context,
  };
  for (const name of Object.keys(unnamed)) later(unnamed[name], name);
  walkAll();
  if (what !== 'globalThis') {
    lines.length = 0;
    const exported = require(what);
    lines.push('require(' + what + ') ' + typeof exported);
    later(exported, 'require(' + what + ')');
    walkAll();
  }
  callback(null, lines);
}`;

let pool: Pool;
beforeAll(async () => {
  pool = await createTestPool({ limits: { wallMs: 20_000, cpuMs: 20_000, memoryMb: 128 } });
});
afterAll(() => pool.close());

const reach = (what: string, connection: string) =>
  resultOf(pool, walk, { connection, isolation: 'execution', wallMs: 20_000, args: [what, {}] }) as Promise<
    string[]
  >;

it('a script reaches what has been reviewed, and nothing else', async () => {
  const lines: string[] = [];
  for (const what of ['globalThis', ...builtins.map(({ name }) => name).sort()])
    lines.push(...(await reach(what, 'surface')));
  lines.sort();
  if (rewrite) writeFileSync(reviewed, `${lines.join('\n')}\n`);
  const listed = readFileSync(reviewed, 'utf8').trimEnd().split('\n');
  const difference = {
    notReviewed: lines.filter((line) => !listed.includes(line)),
    gone: listed.filter((line) => !lines.includes(line)),
  };
  expect(
    difference,
    'What scripts can reach has changed. Read each line: may a hostile script have it? Then rewrite the list with ' +
      'REVIEWED_GUEST_SURFACE=rewrite npm test -- test/hostile/guest-surface.test.ts',
  ).toEqual({ notReviewed: [], gone: [] });
});

it('a script finds no memory that is not counted, and nothing of how it is run', async () => {
  const names = (await reach('globalThis', 'absent')).map((line) => line.split(' ')[0]);
  for (const absent of ['WebAssembly', 'SharedArrayBuffer']) {
    expect(names).not.toContain(`globalThis.${absent}`);
  }
  expect(names.filter((name) => /drawbridge|isolated|\bivm\b/i.test(name ?? ''))).toEqual([]);
>>>>>>> main
});
