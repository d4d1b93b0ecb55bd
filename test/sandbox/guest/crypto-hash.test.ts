import * as node from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

let guest: GuestCrypto;
let crypto: GuestCrypto['crypto'];
beforeAll(async () => {
  guest = await loadGuestCrypto();
  crypto = guest.crypto;
});

const inputs: [name: string, data: string | Uint8Array][] = [
  ['nothing', ''],
  ['ASCII', 'The quick brown fox'],
  ['UTF-8', 'zażółć gęślą jaźń 🗝️'],
  ['a lone surrogate', 'a\ud800b'],
  ['bytes', Uint8Array.from({ length: 1000 }, (_, i) => i % 256)],
];
const algorithms = [
  'md5',
  'sha1',
  'sha256',
  'sha384',
  'sha512',
  'sha512-256',
  'sha3-256',
  'ripemd160',
  'RSA-SHA256',
];
const encodings = ['hex', 'base64', 'base64url', 'latin1', 'binary'] as node.BinaryToTextEncoding[];

function codeOf(run: () => unknown): { name?: string; code?: unknown; message?: string } {
  try {
    run();
  } catch (error) {
    const { name, code, message } = error as Error & { code?: unknown };
    return { name, code, message };
  }
  return {};
}

describe('hashes', () => {
  it.each(inputs)('are those of Node for %s', (_, data) => {
    for (const algorithm of algorithms) {
      for (const encoding of encodings) {
        expect(crypto.createHash(algorithm).update(data).digest(encoding)).toBe(
          node.createHash(algorithm).update(data).digest(encoding),
        );
        expect(crypto.createHmac(algorithm, 'key').update(data).digest(encoding)).toBe(
          node.createHmac(algorithm, 'key').update(data).digest(encoding),
        );
      }
    }
  });

  it('take their input in several pieces and encodings', () => {
    const run = ({ createHash }: Pick<typeof node, 'createHash'>) =>
      createHash('sha256')
        .update('ff00', 'hex')
        .update('_-8', 'base64url')
        .update('é', 'latin1')
        .update(new Uint16Array([1, 2]))
        .update(new DataView(new ArrayBuffer(3)))
        .digest('hex');
    expect(run(crypto)).toBe(run(node));
  });

  it('are not changed by later writes to their input', () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const hash = crypto.createHash('sha1').update(bytes);
    bytes.fill(9);
    expect(hash.digest('hex')).toBe(
      node
        .createHash('sha1')
        .update(new Uint8Array([1, 2, 3]))
        .digest('hex'),
    );
  });

  it('answer a Buffer when no encoding is given', () => {
    const digest = crypto.createHash('sha256').update('x').digest();
    expect(guest.Buffer.isBuffer(digest)).toBe(true);
    expect(digest.toString('hex')).toBe(node.createHash('sha256').update('x').digest('hex'));
  });

  it('copy their state', () => {
    const hash = crypto.createHash('sha256').update('a');
    const copy = hash.copy().update('b');
    expect(copy.digest('hex')).toBe(node.createHash('sha256').update('ab').digest('hex'));
    expect(hash.digest('hex')).toBe(node.createHash('sha256').update('a').digest('hex'));
  });

  it('take an output length where the digest has one', () => {
    const of = ({ createHash }: Pick<typeof node, 'createHash'>) =>
      createHash('shake256', { outputLength: 50 }).update('x').digest('hex');
    expect(of(crypto)).toBe(of(node));
  });

  it('are streams', async () => {
    const hash = crypto.createHash('sha256');
    const chunks: Uint8Array[] = [];
    hash.on('data', (chunk) => chunks.push(chunk));
    hash.write('a');
    hash.end('b');
    await new Promise((resolve) => hash.on('end', resolve));
    expect(Buffer.concat(chunks).toString('hex')).toBe(node.createHash('sha256').update('ab').digest('hex'));
  });

  it('cross to the host once', () => {
    guest.takeCalls();
    crypto.createHash('sha256').update('a').update('b').digest('hex');
    expect(guest.takeCalls()).toEqual(['crypto.hash']);
  });

  it('have a one-shot form', () => {
    expect(crypto.hash('sha1', 'x')).toBe(node.hash('sha1', 'x'));
    expect(crypto.hash('sha1', 'x', 'base64')).toBe(node.hash('sha1', 'x', 'base64'));
    expect(crypto.hash('sha1', 'x', 'buffer')).toHaveLength(20);
  });

  it('are listed', () => {
    expect(crypto.getHashes()).toEqual(node.getHashes());
  });
});

describe('mistakes are answered as Node answers them', () => {
  const unknownKind = undefined as unknown as string;
  const cases: [name: string, run: (from: typeof node) => unknown][] = [
    ['an unknown hash', (from) => from.createHash('foo')],
    ['an unknown HMAC digest', (from) => from.createHmac('foo', 'key')],
    ['no algorithm', (from) => from.createHash(unknownKind)],
    ['no key', (from) => from.createHmac('sha256', unknownKind)],
    ['a number as data', (from) => from.createHash('md5').update(1 as unknown as string)],
    ['null as data', (from) => from.createHash('md5').update(null as unknown as string)],
    ['an object as data', (from) => from.createHash('md5').update({} as unknown as string)],
    [
      'a second digest',
      (from) => {
        const hash = from.createHash('md5');
        hash.digest();
        hash.digest();
      },
    ],
    [
      'update after digest',
      (from) => {
        const hash = from.createHmac('md5', 'k');
        hash.digest();
        hash.update('x');
      },
    ],
    ['lengths that differ', (from) => from.timingSafeEqual(Buffer.alloc(1), Buffer.alloc(2))],
    ['strings compared', (from) => from.timingSafeEqual('a' as unknown as Buffer, Buffer.alloc(1))],
  ];
  it.each(cases)('%s', (_, run) => {
    const expected = codeOf(() => run(node));
    expect(expected.message).toBeDefined();
    expect(codeOf(() => run(crypto))).toEqual(expected);
  });
});

describe('timingSafeEqual', () => {
  it('compares bytes', () => {
    expect(crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abc'))).toBe(true);
    expect(crypto.timingSafeEqual(Buffer.from('abc'), Buffer.from('abd'))).toBe(false);
    expect(crypto.timingSafeEqual(new Uint16Array([1]), new Uint8Array([1, 0]))).toBe(true);
  });
});
