import { generateKeyPairSync } from 'node:crypto';
import { createRequire } from 'node:module';
import * as jose from 'jose';
import { expect, it } from 'vitest';
import { useGuest } from './use-guest.ts';

// The packages have no types.
const require = createRequire(import.meta.url);
const jws = require('jws');

const guest = useGuest();
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { format: 'pem', type: 'spki' },
  privateKeyEncoding: { format: 'pem', type: 'pkcs8' },
});

it('jose signs, verifies, encrypts and decrypts what jose under Node does', async () => {
  const secret = new TextEncoder().encode('a secret of thirty-two bytes ...');
  const nodes = await new jose.SignJWT({ sub: '42' }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
  const answer = await guest(
    async ({ require, configuration }) => {
      const jose = require('jose');
      const secret = new TextEncoder().encode('a secret of thirty-two bytes ...');
      const key = await jose.importPKCS8(configuration.PRIVATE_KEY, 'RS256');
      const verified = await jose.jwtVerify(configuration.TOKEN, secret);
      const expired = await new jose.SignJWT({ exp: 1 }).setProtectedHeader({ alg: 'HS256' }).sign(secret);
      const failure = await jose.jwtVerify(expired, secret).catch((error: Error) => error);
      return {
        sub: verified.payload.sub,
        code: failure.code,
        isJoseError: failure instanceof jose.errors.JOSEError,
        signed: await new jose.SignJWT({ sub: '43' }).setProtectedHeader({ alg: 'RS256' }).sign(key),
        encrypted: await new jose.EncryptJWT({ sub: '44' })
          .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
          .encrypt(secret),
      };
    },
    { TOKEN: nodes, PRIVATE_KEY: rsa.privateKey },
  );
  expect(answer).toMatchObject({ sub: '42', code: 'ERR_JWT_EXPIRED', isJoseError: true });
  const { payload } = await jose.jwtVerify(answer.signed, await jose.importSPKI(rsa.publicKey, 'RS256'));
  expect(payload.sub).toBe('43');
  expect((await jose.jwtDecrypt(answer.encrypted, secret)).payload.sub).toBe('44');
});

it('node-jose signs and verifies, encrypts and decrypts', async () => {
  const token = jws.sign({ header: { alg: 'RS256' }, payload: 'from Node', privateKey: rsa.privateKey });
  const answer = await guest(
    async ({ require, configuration }) => {
      const { JWE, JWK, JWS } = require('node-jose');
      const key = await JWK.asKey(configuration.PRIVATE_KEY, 'pem');
      const secret = await JWK.asKey({ kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url') });
      const ec = await JWK.createKey('EC', 'P-256', { use: 'sig' });
      const sign = (by: unknown) =>
        JWS.createSign({ format: 'compact' }, by).update('from the guest').final();
      const encrypt = (by: unknown) =>
        JWE.createEncrypt({ format: 'compact' }, by).update('for your eyes').final();
      const forged = configuration.TOKEN!.replace(
        /\.[^.]+\./,
        `.${Buffer.from('forged').toString('base64url')}.`,
      );
      return {
        signed: await sign(key),
        verified: String((await JWS.createVerify(key).verify(configuration.TOKEN)).payload),
        elliptic: String((await JWS.createVerify(ec).verify(await sign(ec))).payload),
        forged: await JWS.createVerify(key)
          .verify(forged)
          .then(String, (error: Error) => error.message),
        decrypted: [
          String((await JWE.createDecrypt(secret).decrypt(await encrypt(secret))).payload),
          String((await JWE.createDecrypt(key).decrypt(await encrypt(key))).payload),
        ],
      };
    },
    { TOKEN: token, PRIVATE_KEY: rsa.privateKey },
  );
  expect(jws.verify(answer.signed, 'RS256', rsa.publicKey)).toBe(true);
  expect(answer).toMatchObject({
    verified: 'from Node',
    elliptic: 'from the guest',
    forged: 'no key found',
    decrypted: ['for your eyes', 'for your eyes'],
  });
});

it('jws signs and verifies', async () => {
  const answer = await guest(({ require }) => {
    const jws = require('jws');
    const token = jws.sign({ header: { alg: 'HS256' }, payload: { sub: '42' }, secret: 'shared' });
    return { token, right: jws.verify(token, 'HS256', 'shared'), wrong: jws.verify(token, 'HS256', 'other') };
  });
  expect(answer).toMatchObject({ right: true, wrong: false });
  expect(jws.verify(answer.token, 'HS256', 'shared')).toBe(true);
});

it('jwt-decode is a function, as it was, and has the names of version 4', async () => {
  const answer = await guest(({ require }) => {
    const decode = require('jwt-decode@3.1.2');
    const token = require('jsonwebtoken').sign({ sub: '42', name: 'Jané' }, 'k');
    let thrown: unknown;
    try {
      decode('nonsense');
    } catch (error) {
      thrown = (error as Error).name;
    }
    return [
      decode(token).name,
      decode(token, { header: true }).alg,
      decode.jwtDecode(token).sub,
      decode.default(token).sub,
      thrown,
    ];
  });
  expect(answer).toEqual(['Jané', 'HS256', '42', '42', 'InvalidTokenError']);
});

it('crypto-js hashes and decrypts, by its parts as well', async () => {
  const answer = await guest(({ require }) => {
    const CryptoJS = require('crypto-js');
    const encrypted = CryptoJS.AES.encrypt('a message', 'a passphrase').toString();
    return [
      CryptoJS.SHA256('abc').toString(),
      require('crypto-js/hmac-sha256')('abc', 'key').toString(require('crypto-js/enc-base64')),
      CryptoJS.AES.decrypt(encrypted, 'a passphrase').toString(CryptoJS.enc.Utf8),
      require('crypto-js/md5')('a').toString(),
    ];
  });
  expect(answer).toEqual([
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    'nBluMtwBdfhvSxy4konWYZ3mvuaZ5MN45oMJ7Zehpqs=',
    'a message',
    '0cc175b9c0f1b6a831c399e269772661',
  ]);
});
