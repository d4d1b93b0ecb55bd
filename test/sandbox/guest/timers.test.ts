import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool, resultOf, runSource } from '../sandbox-pool.ts';
import { inGuest } from './guest-script.ts';

let pool: Pool;

beforeAll(async () => {
  pool = await createTestPool();
});

afterAll(() => pool?.close());

const guest = (body: string) => inGuest(pool, body);

describe('timers', () => {
  it('fire by their delays, those of one delay in order, with their arguments', async () => {
    const body = `const seen = [];
      const all = ['b', 'c'].map((name) => new Promise((r) => setTimeout((x) => { seen.push(x); r() }, 200, name)));
      setTimeout((...args) => seen.push(...args), 5, 'a', 1);
      setImmediate((x) => seen.push(x), 'now');
      await Promise.all(all); return seen`;
    expect(await guest(body)).toEqual(['now', 'a', 1, 'b', 'c']);
  });

  it('do not fire when they are cleared: by object, by number, by close', async () => {
    const body = `const seen = []; const fire = () => seen.push('fired');
      clearTimeout(setTimeout(fire, 1)); clearTimeout(+setTimeout(fire, 1)); setTimeout(fire, 1).close();
      clearImmediate(setImmediate(fire)); clearInterval(setInterval(fire, 1)); clearTimeout(undefined);
      await new Promise((resolve) => setTimeout(resolve, 15)); return seen`;
    expect(await guest(body)).toEqual([]);
  });

  it('repeat until they are cleared', async () => {
    const body = `let count = 0;
      await new Promise((resolve) => { const timer = setInterval(() => { if (++count === 3) { clearInterval(timer); resolve() } }, 1) });
      await new Promise((resolve) => setTimeout(resolve, 10)); return count`;
    expect(await guest(body)).toBe(3);
  });

  it('can be put off, and know whether they are referenced', async () => {
    const body = `const seen = []; const timer = setTimeout(() => seen.push('late'), 30);
      seen.push(timer.unref().hasRef(), timer.ref().hasRef());
      await new Promise((resolve) => setTimeout(resolve, 10)); timer.refresh();
      await new Promise((resolve) => setTimeout(resolve, 22)); seen.push('first');
      await new Promise((resolve) => setTimeout(resolve, 30)); return seen`;
    expect(await guest(body)).toEqual([false, true, 'first', 'late']);
  });

  it('that are not referenced still fire while the callback has not been called', async () => {
    const source = `function getUser(id, context, callback) {
      AbortSignal.timeout(5).onabort = () => setTimeout(callback, 5, null, 'late').unref();
    }`;
    expect(await resultOf(pool, source)).toBe('late');
  });

  it('leave the context as it was when only such a one is left', async () => {
    const source = `let runs = 0;
      function getUser(id, context, callback) { AbortSignal.timeout(60000); callback(null, ++runs); }`;
    // Polled: the answer may be here before the context has come to rest.
    await expect.poll(() => resultOf(pool, source)).toBe(2);
  });

  it('end by a signal as promises', async () => {
    const body = `const { setTimeout: sleep } = require('timers/promises'); const controller = new AbortController();
      setTimeout(() => controller.abort(), 1);
      try { await sleep(60000, null, { signal: controller.signal }) } catch (error) { return [error.name, error.code] }`;
    expect(await guest(body)).toEqual(['AbortError', 'ABORT_ERR']);
  });

  it('take only functions', async () => {
    expect(await guest("try { setTimeout('code', 1) } catch (error) { return error.code }")).toBe(
      'ERR_INVALID_ARG_TYPE',
    );
  });

  it.each(['setTimeout(fail, 1)', 'setImmediate(fail)', 'process.nextTick(fail)', 'queueMicrotask(fail)'])(
    'a throw in %s is uncaught, at its line',
    async (call) => {
      const source = `function getUser(id, context, callback) {
        function fail() {
          throw new RangeError('out of here');
        }
        ${call};
      }`;
      const { outcome } = await runSource(pool, source);
      expect(outcome).toMatchObject({
        kind: 'uncaught',
        failure: { name: 'RangeError', message: 'out of here', place: { file: 'acme/get_user.js', line: 3 } },
      });
    },
  );
});
