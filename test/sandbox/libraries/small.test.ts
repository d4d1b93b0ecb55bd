import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { startHttpServer, useGuest } from './use-guest.ts';

const guest = useGuest();

it('small libraries do what they are for', async () => {
  const answer = await guest(async ({ require }) => {
    const Q = require('q');
    const { DOMParser } = require('xmldom');
    const document = new DOMParser().parseFromString('<users><user id="42"/></users>', 'text/xml');
    const moment = require('moment-timezone');
    return {
      q: await Q.nfcall((done: (error: null, value: number) => void) => done(null, 1)).then(
        (n: number) => n + 1,
      ),
      md5: require('md5')('message'),
      base64url: [require('base64url').encode('ab?>'), require('base64url').decode('YWI_Pg')],
      validator: [require('validator').isEmail('jane@example.com'), require('validator').isEmail('jane')],
      zone: moment.tz('2026-06-01T12:00:00Z', 'Europe/Berlin').format(),
      xtend: require('xtend')({ a: 1 }, { b: 2 }),
      xpath: require('xpath').select('string(//user/@id)', document),
    };
  });
  expect(answer).toEqual({
    q: 2,
    md5: '78e731027d8fd50ed642340b7c9a63b3',
    base64url: ['YWI_Pg', 'ab?>'],
    validator: [true, false],
    zone: '2026-06-01T14:00:00+02:00',
    xtend: { a: 1, b: 2 },
    xpath: '42',
  });
});

it('jwks-rsa fetches a key by its id', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'first', use: 'sig', alg: 'RS256' };
  const server = await startHttpServer(() => ({ body: { keys: [key] } }));
  try {
    const answer = await guest(
      async ({ require, configuration }) => {
        const client = require('jwks-rsa')({ jwksUri: configuration.URL });
        const found = await client.getSigningKey('first');
        const missing = await client.getSigningKey('second').catch((error: Error) => error.name);
        return { pem: found.getPublicKey().trim(), missing };
      },
      { URL: `${server.url}/jwks.json` },
    );
    const pem = String(publicKey.export({ format: 'pem', type: 'spki' })).trim();
    expect(answer).toEqual({ pem, missing: 'SigningKeyNotFoundError' });
  } finally {
    await server.close();
  }
});
