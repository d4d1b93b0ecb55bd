import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { type AxiosScript, axiosCases, outcomeOf } from './axios-cases.ts';
import { inGuest } from './guest-script.ts';
import { connectGuest, loadLibrary } from './http-bridge.ts';
import { startUpstream } from './upstream-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: instances of axios, each as a script would use it
type Axios = any;

/** Served by the fast adapter alone, so that the comparison compares something. */
const mustBeFast = [
  'GET of JSON',
  'GET with params',
  'POST of an object',
  'redirect 302 of GET',
  'timeout',
  'gzip',
];

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let second: Awaited<ReturnType<typeof startUpstream>>;
let bridge: Awaited<ReturnType<typeof connectGuest>>;
let fast: Axios;
let slow: Axios;
let slowCalls = 0;
const plain: Axios = createRequire(import.meta.url)('axios');

beforeAll(async () => {
  [upstream, second, bridge] = await Promise.all([startUpstream(), startUpstream(), connectGuest()]);
  const { adaptAxios } = await bridge.guest('modules/axios-adapter.ts');
  [fast, slow] = await Promise.all([loadLibrary('axios', bridge.guest), loadLibrary('axios', bridge.guest)]);
  const { getAdapter } = fast;
  fast.getAdapter = (name: string) => (config: unknown) => {
    slowCalls++;
    return getAdapter(name)(config);
  };
  adaptAxios(fast);
  slow.defaults.adapter = 'http';
});

afterAll(async () => {
  bridge.close();
  await Promise.all([upstream.close(), second.close()]);
});

describe('axios over the bridge does what axios does in Node', () => {
  for (const [name, script] of Object.entries(axiosCases)) {
    it.concurrent(`fast adapter: ${name}`, async () => {
      const [expected, actual] = await Promise.all([outcome(script, plain), outcome(script, fast)]);
      expect(actual).toEqual(expected);
    });
    it.concurrent(`axios' own adapter: ${name}`, async () => {
      const [expected, actual] = await Promise.all([outcome(script, plain), outcome(script, slow)]);
      expect(actual).toEqual(expected);
    });
  }
});

describe('the fast adapter', () => {
  for (const name of mustBeFast) {
    it(`makes the request itself: ${name}`, async () => {
      slowCalls = 0;
      await outcome(axiosCases[name]!, fast);
      expect(slowCalls).toBe(0);
    });
  }

  it('makes one operation of one request', async () => {
    const before = bridge.operations();
    await fast.get(`${upstream.origin}/json`);
    expect(bridge.operations() - before).toBe(1);
  });

  it('is in the instances that are created later', async () => {
    slowCalls = 0;
    await fast.create({ baseURL: upstream.origin }).get('/json');
    expect(slowCalls).toBe(0);
  });
});

describe('axios in an isolate does what axios does in Node', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await createTestPool();
  });
  afterAll(() => pool.close());

  for (const [name, script] of Object.entries(axiosCases)) {
    it.concurrent(name, async () => {
      const source = `
        const outcomeOf = ${outcomeOf};
        const script = ${script};
        return outcomeOf(script, require('axios'), '${upstream.origin}', '${second.origin}');`;
      const [expected, actual] = await Promise.all([outcome(script, plain), inGuest(pool, source)]);
      if (urlInOtherWords.has(name))
        expect(actual).toMatchObject({ threw: 'TypeError', isAxiosError: false });
      else expect(actual).toEqual(asJson(expected));
    });
  }
});

/** Here axios hands on what `new URL` throws, and the isolate's has other words than Node's. */
const urlInOtherWords = new Set(['a URL without a host', 'a URL that cannot be read']);

function outcome(script: AxiosScript, axios: Axios): Promise<unknown> {
  return outcomeOf(script, axios, upstream.origin, second.origin);
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
