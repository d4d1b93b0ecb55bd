import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { Answer, HostModule } from '../operations.ts';
import { loadPrivateKey, loadPublicKey } from './crypto-key-spec.ts';
import { asyncOperation, atMost, codedError, type Parts, syncOperation } from './crypto-operation.ts';
import { atOnce } from './crypto-thread-pool.ts';

/** A key of finite-field Diffie-Hellman over 4096 bits takes this much in DER; one operation some tens of milliseconds. */
const MAX_DH_KEY_BYTES = 1_600;

const Format = z.enum(['uncompressed', 'compressed', 'hybrid']);

/** ECDH keeps its keys in the guest: `privateKey` comes with each call that needs it. */
const Ecdh = z.object({
  curve: z.string(),
  action: z.enum(['check', 'generate', 'publicKey', 'computeSecret']),
});

function ecdh({ curve, action }: z.infer<typeof Ecdh>, parts: Parts): Answer {
  const exchange = crypto.createECDH(curve);
  switch (action) {
    case 'check':
      return {};
    case 'generate': {
      const publicKey = exchange.generateKeys();
      return {
        value: { publicLength: publicKey.length },
        payload: Buffer.concat([publicKey, exchange.getPrivateKey()]),
      };
    }
    case 'publicKey':
      exchange.setPrivateKey(parts.need('privateKey'));
      return { payload: exchange.getPublicKey() };
    case 'computeSecret':
      exchange.setPrivateKey(parts.need('privateKey'));
      return { payload: exchange.computeSecret(parts.need('otherPublicKey')) };
    default:
      return action satisfies never;
  }
}

/** Both keys are KeyObjects of the guest: PKCS#8 and SPKI. */
function agree(_params: object, parts: Parts): Answer {
  const [privateBytes, publicBytes] = [parts.need('privateKey'), parts.need('publicKey')];
  const privateKey = loadPrivateKey({ kind: 'object', type: 'private' }, only(privateBytes));
  const publicKey = loadPublicKey({ kind: 'object', type: 'public' }, only(publicBytes));
  if (privateKey.asymmetricKeyType === 'dh') {
    atMost('privateKey.byteLength', privateBytes.length, MAX_DH_KEY_BYTES);
    atMost('publicKey.byteLength', publicBytes.length, MAX_DH_KEY_BYTES);
  }
  return { payload: crypto.diffieHellman({ privateKey, publicKey }) };
}

function only(key: Buffer): Parts {
  return { get: (name) => (name === 'key' ? key : undefined), need: () => key };
}

const groups = ['modp1', 'modp2', 'modp5', 'modp14', 'modp15', 'modp16', 'modp17', 'modp18'];

/** The primes are OpenSSL's; the guest does its own arithmetic with them. */
function group(name: string): Answer {
  if (!groups.includes(name)) throw codedError(Error, 'ERR_CRYPTO_UNKNOWN_DH_GROUP', 'Unknown DH group');
  return { payload: crypto.getDiffieHellman(name).getPrime() };
}

export const agreementOperations: HostModule = {
  sync: {
    'crypto.ecdh': syncOperation(Ecdh, ecdh),
    'crypto.ecdhConvert': syncOperation(
      z.object({ curve: z.string(), format: Format }),
      ({ curve, format }, parts) => ({
        payload: crypto.ECDH.convertKey(parts.need('key'), curve, undefined, undefined, format) as Buffer,
      }),
    ),
    'crypto.diffieHellman': syncOperation(z.object({}), agree),
    'crypto.dhGroup': syncOperation(z.object({ name: z.string() }), ({ name }) => group(name)),
  },
  async: {
    'crypto.diffieHellman': asyncOperation(z.object({}), (params, parts, scope) =>
      atOnce(scope, () => agree(params, parts)),
    ),
  },
};
