import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/pool/pool.ts';
import { createTestPool } from '../sandbox-pool.ts';
import { echo, type FetchScript, fetchCases, hex, outcomeOf } from './fetch-cases.ts';
import { inGuest } from './guest-script.ts';
import { connectGuest } from './http-bridge.ts';
import { startUpstream } from './upstream-server.ts';

// biome-ignore lint/suspicious/noExplicitAny: Node's fetch and the guest's, as a script would use either
type Fetch = any;

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let second: Awaited<ReturnType<typeof startUpstream>>;
let bridge: Awaited<ReturnType<typeof connectGuest>>;
let guest: Fetch;

beforeAll(async () => {
  [upstream, second, bridge] = await Promise.all([startUpstream(), startUpstream(), connectGuest()]);
  const { ReadableStream } = await import('web-streams-polyfill');
  guest = { ...(await bridge.guest('modules/fetch.ts')), ReadableStream };
});

afterAll(async () => {
  bridge.close();
  await Promise.all([upstream.close(), second.close()]);
});

describe('fetch over the bridge does what fetch does in Node', () => {
  for (const [name, script] of Object.entries(fetchCases)) {
    it(name, async () => {
      expect(await outcome(script, guest)).toEqual(await outcome(script, globalThis));
    });
  }
});

describe('fetch', () => {
  it('fails with a TypeError whose cause has the code of the network', async () => {
    await expect(guest.fetch('http://127.0.0.1:1/')).rejects.toMatchObject({
      name: 'TypeError',
      message: 'fetch failed',
      cause: { code: 'ECONNREFUSED' },
    });
  });

  it('sends FormData as multipart', async () => {
    const form = new guest.FormData();
    form.append('name', 'jane "x"');
    form.append('file', new (await bridge.guest('blob.ts')).Blob(['abc'], { type: 'text/plain' }), 'a.txt');
    const { headers, body } = await echo(
      guest.fetch(`${upstream.origin}/echo`, { method: 'POST', body: form }),
    );
    const [, boundary] = /^multipart\/form-data; boundary=(\S+)$/.exec(headers['content-type'])!;
    expect(body).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\njane "x"\r\n` +
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nabc\r\n` +
        `--${boundary}--\r\n`,
    );
  });

  it('makes one operation of one small answer', async () => {
    const before = bridge.operations();
    await (await guest.fetch(`${upstream.origin}/json`)).json();
    expect(bridge.operations() - before).toBe(1);
  });
});

describe('fetch in an isolate does what fetch does in Node', () => {
  let pool: Pool;
  beforeAll(async () => {
    pool = await createTestPool();
  });
  afterAll(() => pool.close());

  for (const [name, script] of Object.entries(fetchCases)) {
    it.concurrent(name, async () => {
      const source = `
        ${echo}
        ${hex}
        const outcomeOf = ${outcomeOf};
        const script = ${script};
        return outcomeOf(script, globalThis, '${upstream.origin}', '${second.origin}');`;
      const [expected, actual] = await Promise.all([outcome(script, globalThis), inGuest(pool, source)]);
      expect(actual).toEqual(JSON.parse(JSON.stringify(expected)));
    });
  }
});

function outcome(script: FetchScript, api: Fetch): Promise<unknown> {
  return outcomeOf(script, api, upstream.origin, second.origin);
}
