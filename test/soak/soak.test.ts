import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { check, type Findings } from './checks.ts';
import { planDisturbances } from './plan.ts';
import { runSoak } from './run-soak.ts';
import type { Exchange } from './traffic.ts';

const user = { user_id: 'north:a@example.com', email: 'a@example.com' };
const fine: Exchange = {
  call: {
    party: 'steady',
    connection: 'north',
    action: 'create',
    body: {},
    headers: {},
    user,
    creates: 'a@example.com',
  },
  sentAt: 0,
  tookMs: 10,
  code: 'ok',
  user,
};
const memory = Array.from({ length: 100 }, () => ({ serviceMb: 150, sandboxMb: [200, 210] }));
const findings: Findings = {
  exchanges: Array.from({ length: 20 }, () => fine),
  unaskedBytes: 0,
  created: new Map([['a@example.com', 1]]),
  deadlineMs: 3_000,
  graceMs: 500,
  stalledMs: () => 0,
  memory,
  lengthMs: 100_000,
  recovered: { connections: 4, of: 4 },
};
const brokenIn = (changes: Partial<Findings>) =>
  check({ ...findings, ...changes })
    .filter(({ kept }) => !kept)
    .map(({ promise }) => promise);
/** One exchange among the others is different. */
const one = (changes: Partial<Exchange>) => ({ exchanges: [...findings.exchanges, { ...fine, ...changes }] });
const growing = (whose: 'serviceMb' | 'sandboxMb') =>
  memory.map((sample, index) => ({
    ...sample,
    [whose]: whose === 'serviceMb' ? 150 + 3 * index : [200 + 3 * index],
  }));

describe('the checks', () => {
  test('find nothing where all is well', () => {
    expect(brokenIn({})).toEqual([]);
  });

  test.each<[string, Partial<Findings>, RegExp]>([
    ['an answer that never came', one({ code: 'no answer' }), /exactly one answer/],
    ['an answer that nobody asked for', { unaskedBytes: 12 }, /exactly one answer/],
    ['an answer that came late', one({ tookMs: 3_501 }), /later than 500 ms/],
    ['a user who was created twice', { created: new Map([['a@example.com', 2]]) }, /create is run twice/],
    ['a create that was confirmed and not made', { created: new Map() }, /create is run twice/],
    ['another user', one({ user: { ...user, user_id: 'south:a@example.com' } }), /no other user/],
    ['no user', one({ user: {} }), /no other user/],
    ['internal_error', one({ code: 'internal_error' }), /only codes/],
    ['a quarantine of a good connection', one({ code: 'connection_quarantined' }), /only codes/],
    ['what is no problem details', one({ code: 'no problem details' }), /only codes/],
    [
      'too much that was not served',
      { exchanges: Array.from({ length: 9 }, (_, n) => (n < 8 ? fine : { ...fine, code: 'overloaded' })) },
      /served all the while/,
    ],
    ['a connection that did not come back', { recovered: { connections: 3, of: 4 } }, /well again/],
    ['a service that grows', { memory: growing('serviceMb') }, /memory of the service/],
    ['sandbox processes that grow', { memory: growing('sandboxMb') }, /memory of a sandbox process/],
  ])('find %s, and that alone', (_what, changes, promise) => {
    expect(brokenIn(changes)).toEqual([expect.stringMatching(promise)]);
  });

  test('do not hold against the service what held up the soak itself', () => {
    expect(brokenIn({ ...one({ tookMs: 4_000 }), stalledMs: () => 600 })).toEqual([]);
    expect(brokenIn({ ...one({ tookMs: 4_000 }), stalledMs: () => 400 })).toHaveLength(1);
  });
});

test('a seed settles what is done, and another one does something else', () => {
  expect(planDisturbances(7, 60_000)).toEqual(planDisturbances(7, 60_000));
  expect(planDisturbances(7, 60_000)).not.toEqual(planDisturbances(8, 60_000));
  expect(new Set(planDisturbances(7, 20_000).map(({ kind }) => kind))).toContain('stop');
});

function soak(...args: string[]) {
  const file = fileURLToPath(new URL('./soak.ts', import.meta.url));
  return spawnSync(process.execPath, [file, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
}

test('npm run soak says how it is used', () => {
  expect(soak('--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('--seed <n>') });
  expect(soak('--seconds', 'x')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error: --seconds must be/),
  });
});

const isLinux = process.platform === 'linux';
if (!isLinux) console.log('skipped here: the soak finds processes by /proc, which is of Linux');

describe.skipIf(!isLinux)('a run', () => {
  /** How soon and how much is served is a matter of what else the machine does: `npm run soak` judges these. */
  const ofTime = /^no answer comes later|^the good connections are served/;

  test('of 12 seconds keeps every promise but those of time', { timeout: 120_000 }, async () => {
    const result = await runSoak({ seconds: 12, seed: 20, json: false });
    expect(result.verdicts.filter(({ kept, promise }) => !kept && !ofTime.test(promise))).toEqual([]);
    expect(result.disturbances).toMatchObject({ kill: expect.any(Number), stop: expect.any(Number) });
    expect(result.disturbances.kill * result.disturbances.stop).toBeGreaterThan(0);
    expect(result.verdicts.filter(({ promise }) => ofTime.test(promise))).toHaveLength(2);
    expect(result.codes.ok).toBeGreaterThan(50);
  });

  test.each([
    ['double-create', 'no create is run twice'],
    ['wrong-user', 'no other user is ever returned'],
  ])('that is spoilt by %s says so, and ends with exit code 1', { timeout: 120_000 }, (sabotage, promise) => {
    const { status, stdout } = soak('--seconds', '5', '--seed', '1', '--sabotage', sabotage);
    expect(stdout).toMatch(new RegExp(`^BROKEN ${promise}: \\d+ times; first: `, 'm'));
    expect(status).toBe(1);
  });
});
