import * as node from 'node:crypto';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, it } from 'vitest';
import { type GuestCrypto, loadGuestCrypto } from './crypto-fixture.ts';

// The package has no types.
const nodeJwt = createRequire(import.meta.url)('jsonwebtoken');

let guest: GuestCrypto;
// biome-ignore lint/suspicious/noExplicitAny: the package has no types
let jwt: any;
beforeAll(async () => {
  guest = await loadGuestCrypto();
  jwt = guest.jsonwebtoken;
});

const pem = ({ publicKey, privateKey }: node.KeyPairKeyObjectResult) => ({
  publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
  privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
});
const secret = { publicKey: 'a shared secret', privateKey: 'a shared secret' };
const rsa = pem(node.generateKeyPairSync('rsa', { modulusLength: 2048 }));
const ec = (namedCurve: string) => pem(node.generateKeyPairSync('ec', { namedCurve }));

const algorithms: [algorithm: string, keys: { publicKey: string; privateKey: string }][] = [
  ['HS256', secret],
  ['HS384', secret],
  ['HS512', secret],
  ['RS256', rsa],
  ['RS384', rsa],
  ['RS512', rsa],
  ['PS256', rsa],
  ['PS384', rsa],
  ['PS512', rsa],
  ['ES256', ec('P-256')],
  ['ES384', ec('P-384')],
  ['ES512', ec('P-521')],
];

describe.each(algorithms)('%s', (algorithm, { publicKey, privateKey }) => {
  const claims = { sub: '42', name: 'Jané' };

  it('signs what the package verifies under Node, and the other way', () => {
    const ours = jwt.sign(claims, privateKey, { algorithm, expiresIn: '1h' });
    expect(nodeJwt.verify(ours, publicKey, { algorithms: [algorithm] })).toMatchObject(claims);
    const nodes = nodeJwt.sign(claims, privateKey, { algorithm });
    expect(jwt.verify(nodes, publicKey)).toMatchObject(claims);
  });

  it('works by callback', async () => {
    const token: string = await new Promise((resolve, reject) =>
      jwt.sign(claims, privateKey, { algorithm }, (error: Error | null, made: string) =>
        error ? reject(error) : resolve(made),
      ),
    );
    const verified = await new Promise((resolve, reject) =>
      jwt.verify(token, publicKey, (error: Error | null, decoded: unknown) =>
        error ? reject(error) : resolve(decoded),
      ),
    );
    expect(verified).toMatchObject(claims);
  });

  it('refuses another signature', () => {
    const [head, , signature] = jwt.sign(claims, privateKey, { algorithm }).split('.');
    const forged = `${head}.${Buffer.from('{"sub":"1"}').toString('base64url')}.${signature}`;
    expect(() => jwt.verify(forged, publicKey)).toThrow(
      expect.objectContaining({ name: 'JsonWebTokenError', message: 'invalid signature' }),
    );
  });
});

describe('jsonwebtoken', () => {
  it('takes the public keys of a JWKS, found by kid', async () => {
    const { publicKey, privateKey } = node.generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', use: 'sig' }] };
    const token = nodeJwt.sign({ sub: '42' }, privateKey, { algorithm: 'RS256', keyid: 'k1' });
    const find = (header: { kid: string }, callback: (error: Error | null, key?: node.KeyObject) => void) => {
      const jwk = jwks.keys.find(({ kid }) => kid === header.kid)!;
      callback(null, guest.crypto.createPublicKey({ key: jwk, format: 'jwk' }));
    };
    const decoded = await new Promise((resolve, reject) =>
      jwt.verify(token, find, { algorithms: ['RS256'] }, (error: Error | null, claims: unknown) =>
        error ? reject(error) : resolve(claims),
      ),
    );
    expect(decoded).toMatchObject({ sub: '42' });
  });

  it('takes KeyObjects and secrets in bytes', () => {
    const token = jwt.sign({ a: 1 }, guest.crypto.createSecretKey(Buffer.from('bytes')));
    expect(jwt.verify(token, guest.Buffer.from('bytes'))).toMatchObject({ a: 1 });
    const signed = jwt.sign({ a: 1 }, guest.crypto.createPrivateKey(rsa.privateKey), { algorithm: 'RS256' });
    expect(jwt.verify(signed, guest.crypto.createPublicKey(rsa.publicKey))).toMatchObject({ a: 1 });
  });

  it('refuses an expired token, a public key as a secret, and a short RSA key', () => {
    const expired = jwt.sign({ exp: 1 }, 'secret');
    expect(() => jwt.verify(expired, 'secret')).toThrow(
      expect.objectContaining({ name: 'TokenExpiredError' }),
    );
    const confused = nodeJwt.sign({}, 'x', { algorithm: 'HS256' });
    expect(() => jwt.verify(confused, rsa.publicKey)).toThrow('invalid algorithm');
    const short = pem(node.generateKeyPairSync('rsa', { modulusLength: 1024 }));
    expect(() => jwt.sign({}, short.privateKey, { algorithm: 'RS256' })).toThrow('minimum key size');
  });
});
