import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { bcryptModule } from '../../../sandbox/host/modules/bcrypt.ts';
import { cryptoModule } from '../../../sandbox/host/modules/crypto.ts';
import { inThreadPool } from '../../../sandbox/host/modules/crypto-thread-pool.ts';
import { zlibModule } from '../../../sandbox/host/modules/zlib.ts';
import { scopeWith } from './operation-scope.ts';

const operations = [cryptoModule, zlibModule, bcryptModule].flatMap(({ sync = {}, async = {} }) => [
  ...Object.entries(sync),
  ...Object.entries(async),
]);

function scopeOf(signal: AbortSignal = new AbortController().signal, chargeCpu = (_ms: number) => {}) {
  return scopeWith({ signal, chargeCpu });
}

async function codeOf(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
  return undefined;
}

describe('operations', () => {
  it('carry their module in the name', () => {
    for (const [name] of operations) expect(name).toMatch(/^(crypto|zlib|bcrypt)\./);
  });

  it.each(operations)('%s refuses params that are not its own', async (_, operation) => {
    for (const params of [null, 7, 'x', [], { parts: [['data', -1]] }, { parts: 'x' }]) {
      expect(await codeOf(() => operation(params, undefined, scopeOf()))).toBe('ERR_INVALID_ARG_VALUE');
    }
  });

  it('do not read past the bytes that came', async () => {
    const params = { algorithm: 'sha256', parts: [['data', 1000]] };
    expect(await codeOf(() => cryptoModule.sync!['crypto.hash']!(params, new Uint8Array(10)))).toBe(
      'ERR_MISSING_ARGS',
    );
  });

  it('never put a value into the message for params', () => {
    const params = { algorithm: 'sha256', key: { kind: 'secret-in-here' } };
    expect(() => cryptoModule.sync!['crypto.sign']!(params, undefined)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('secret-in-here') }),
    );
  });
});

describe('bounds', () => {
  const bytes = new Uint8Array(2);
  const parts = [
    ['password', 1],
    ['salt', 1],
  ];

  it.each([
    ['crypto.pbkdf2', { iterations: 1_500_001, keylen: 20, digest: 'sha1', parts }],
    ['crypto.scrypt', { keylen: 64, N: 2 ** 21, r: 8, p: 1, maxmem: 2 ** 40, parts }],
    ['crypto.random', { size: 2 ** 30 }],
    ['crypto.generateKeyPair', { type: 'rsa', options: { modulusLength: 4096 } }],
  ])('%s stops at its bound', async (name, params) => {
    expect(await codeOf(() => cryptoModule.sync![name]!(params, bytes))).toBe('ERR_OUT_OF_RANGE');
  });

  it('zlib bounds input that holds the host', async () => {
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    const run = (method: string) => () =>
      zlibModule.sync!['zlib.run']!({ method, options: {}, parts: [['data', large.length]] }, large);
    expect(await codeOf(run('gzip'))).toBe('ERR_OUT_OF_RANGE');
    expect(await codeOf(run('brotliCompress'))).toBe('ERR_OUT_OF_RANGE');
  });
});

describe('the thread pool', () => {
  it('runs three jobs at once and hands a free thread on in order', async () => {
    const { signal } = new AbortController();
    const started: number[] = [];
    const finish: (() => void)[] = [];
    const jobs = [0, 1, 2, 3, 4].map((job) =>
      inThreadPool(scopeOf(signal), () => {
        started.push(job);
        return new Promise<void>((resolve) => finish.push(resolve));
      }),
    );
    await Promise.resolve();
    expect(started).toEqual([0, 1, 2]);
    finish[1]!();
    await jobs[1];
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2, 3]);
    finish[0]!();
    await jobs[0];
    await new Promise(setImmediate);
    for (const end of finish) end();
    await Promise.all(jobs);
    expect(started).toEqual([0, 1, 2, 3, 4]);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('drops what waits when its execution ends', async () => {
    const ended = new AbortController();
    const { signal } = new AbortController();
    const finish: (() => void)[] = [];
    const jobs = [0, 1, 2].map(() =>
      inThreadPool(scopeOf(signal), () => new Promise<void>((resolve) => finish.push(resolve))),
    );
    let ran = false;
    const dropped = inThreadPool(scopeOf(ended.signal), async () => {
      ran = true;
    });
    ended.abort(new Error('over'));
    await expect(dropped).rejects.toThrow('over');
    for (const end of finish) end();
    await Promise.all(jobs);
    expect(ran).toBe(false);
    // The threads are free again.
    expect(await Promise.all([1, 2, 3, 4].map((n) => inThreadPool(scopeOf(signal), async () => n)))).toEqual([
      1, 2, 3, 4,
    ]);
  });

  it('charges each job the time that it ran, not the time that it waited', async () => {
    const charged: number[] = [];
    const scope = scopeOf(undefined, (ms) => charged.push(ms));
    const params = {
      iterations: 100_000,
      keylen: 32,
      digest: 'sha512',
      parts: [
        ['password', 1],
        ['salt', 1],
      ],
    };
    const began = performance.now();
    const jobs = Array.from({ length: 9 }, () =>
      cryptoModule.async!['crypto.pbkdf2']!(params, new Uint8Array(2), scope),
    );
    await Promise.all(jobs);
    const elapsed = performance.now() - began;
    expect(charged).toHaveLength(9);
    expect(Math.min(...charged)).toBeGreaterThan(1);
    // Three at a time, and the clock is read late at most by a turn of the event loop.
    expect(charged.reduce((sum, ms) => sum + ms)).toBeLessThan(3 * elapsed);
    expect(Math.max(...charged)).toBeLessThan(elapsed);
  });

  it('charges a job that fails, and none that never began', async () => {
    const charged: number[] = [];
    const ended = new AbortController();
    const scope = scopeOf(ended.signal, (ms) => charged.push(ms));
    await expect(inThreadPool(scope, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(charged).toHaveLength(1);
    ended.abort(new Error('over'));
    await expect(inThreadPool(scope, async () => {})).rejects.toThrow('over');
    expect(charged).toHaveLength(1);
  });

  it('stops packing when the execution ends', async () => {
    const ended = new AbortController();
    const large = new Uint8Array(8 * 1024 * 1024);
    const params = { method: 'brotliCompress', options: {}, parts: [['data', large.length]] };
    const packing = zlibModule.async!['zlib.run']!(params, large, scopeOf(ended.signal));
    ended.abort(new Error('over'));
    await expect(packing).rejects.toThrow('over');
  });
});
