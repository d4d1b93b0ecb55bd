import { pbkdf2Sync } from 'node:crypto';
import argon2 from 'argon2';
import { expect, it } from 'vitest';
import { useGuest } from './use-guest.ts';

const guest = useGuest();

it('scrypt has the API of its native package: vectors of RFC 7914', async () => {
  const answer = await guest(async ({ require }) => {
    const scrypt = require('scrypt');
    const byCallback = (...args: unknown[]) =>
      new Promise((resolve, reject) =>
        scrypt.hash(...args, (error: Error | null, hash: Buffer) =>
          error ? reject(error) : resolve(hash.toString('hex')),
        ),
      );
    return [
      scrypt.hashSync('', { N: 16, r: 1, p: 1 }, 64, '').toString('hex'),
      await byCallback('password', { N: 1024, r: 8, p: 16 }, 64, 'NaCl'),
      (await scrypt.hash('pleaseletmein', { N: 16384, r: 8, p: 1 }, 64, 'SodiumChloride')).toString('hex'),
    ];
  });
  expect(answer).toEqual([
    '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442' +
      'fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162' +
      '2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2' +
      'd5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
  ]);
});

it('scrypt and scrypt-kdf verify what the other has made, and refuse another password', async () => {
  const answer = await guest(async ({ require }) => {
    const scrypt = require('scrypt');
    const kdf = require('scrypt-kdf');
    const old = scrypt.kdfSync('secret', { N: 12, r: 8, p: 1 });
    const asynchronous = await scrypt.kdf('secret', scrypt.paramsSync(0.01));
    const current = Buffer.from(await kdf.kdf('secret', { logN: 12 }));
    const verified = await new Promise((resolve, reject) =>
      scrypt.verifyKdf(current, 'secret', (error: Error | null, same: boolean) =>
        error ? reject(error) : resolve(same),
      ),
    );
    return {
      right: [await kdf.verify(old, 'secret'), scrypt.verifyKdfSync(asynchronous, 'secret'), verified],
      wrong: [await kdf.verify(old, 'other'), await scrypt.verifyKdf(current, 'other')],
      length: old.length,
      nonsense: await scrypt.verifyKdf(Buffer.alloc(96), 'x').then(String, (error: Error) => error.message),
    };
  });
  expect(answer).toEqual({
    right: [true, true, true],
    wrong: [false, false],
    length: 96,
    nonsense: 'The data is not a valid scrypt-encrypted block',
  });
});

it('pbkdf2, with and without a callback: vectors of RFC 6070', async () => {
  const answer = await guest(async ({ require }) => {
    const pbkdf2 = require('pbkdf2');
    const derived: Buffer = await new Promise((resolve, reject) =>
      pbkdf2.pbkdf2('password', 'salt', 4096, 20, 'sha1', (error: Error | null, key: Buffer) =>
        error ? reject(error) : resolve(key),
      ),
    );
    return [derived.toString('hex'), pbkdf2.pbkdf2Sync('password', 'salt', 2, 20, 'sha1').toString('hex')];
  });
  expect(answer).toEqual([
    '4b007901b765489abead49d926f721d065a429c1',
    'ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957',
  ]);
});

it('argon2 verifies what its native package has made under Node, and the other way', async () => {
  const nodes = await argon2.hash('pässword', { memoryCost: 4096, timeCost: 2, type: argon2.argon2i });
  const answer = await guest(
    async ({ require, configuration }) => {
      const argon2 = require('argon2');
      const options = { memoryCost: 4096, timeCost: 2, parallelism: 1 };
      return {
        right: await argon2.verify(configuration.HASH, 'pässword'),
        wrong: await argon2.verify(configuration.HASH, 'password'),
        made: await argon2.hash('pässword', options),
        // From the tests of the reference implementation.
        vector: await argon2.hash('password', {
          ...options,
          memoryCost: 65_536,
          salt: Buffer.from('somesalt'),
        }),
        rehash: argon2.needsRehash(configuration.HASH, options),
        old: await argon2.hash('x', { version: 0x10 }).then(String, (error: Error) => error.message),
      };
    },
    { HASH: nodes },
  );
  expect(answer).toMatchObject({
    right: true,
    wrong: false,
    vector: '$argon2id$v=19$m=65536,p=1,t=2$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc',
    rehash: true,
    old: 'Version 16 of Argon2 is not supported',
  });
  expect(await argon2.verify(answer.made, 'pässword')).toBe(true);
});

it('easy-pbkdf2 and the global pbkdf2 of old scripts make hashes and know them again', async () => {
  const answer = await guest(
    async ({ require, configuration: { HASH, SALT } }) => {
      // biome-ignore lint/suspicious/noExplicitAny: a global of old scripts
      const easy = (globalThis as any).pbkdf2;
      const told = (method: string, ...args: unknown[]) =>
        new Promise<unknown[]>((resolve) => easy[method](...args, (...given: unknown[]) => resolve(given)));
      const [, hash, salt] = await told('secureHash', 'secret');
      const own = require('easy-pbkdf2')({ SALT_SIZE: 16 });
      return {
        known: await told('verify', SALT, HASH, 'secret'),
        unknown: await told('verify', SALT, HASH, 'wrong'),
        again: await told('verify', salt, hash, 'secret'),
        form: [
          (hash as string).length,
          /^200\.[\w+/]{43}=$/.test(salt as string),
          own.generateSalt(1024).length,
        ],
        npm:
          easy.pbkdf2Sync('secret', 'salt', 1, 8, 'sha1').toString('hex') ===
          require('pbkdf2').pbkdf2Sync('secret', 'salt', 1, 8, 'sha1').toString('hex'),
      };
    },
    {
      SALT: '200.c2FsdA==',
      HASH: pbkdf2Sync('secret', 'c2FsdA==', 512, 256, 'sha1').toString('base64'),
    },
  );
  expect(answer).toEqual({
    known: [null, true],
    unknown: [null, false],
    again: [null, true],
    form: [344, true, 28],
    npm: true,
  });
});
