import * as crypto from 'node:crypto';
import * as z from 'zod';
import type { Answer, HostModule } from '../operations.ts';
import { KeySpec, loadPrivateKey, loadPublicKey } from './crypto-key-spec.ts';
import { asyncOperation, type Parts, syncOperation } from './crypto-operation.ts';
import { inThreadPool } from './crypto-thread-pool.ts';

const SignatureOptions = z.object({
  padding: z.int().optional(),
  saltLength: z.int().optional(),
  dsaEncoding: z.enum(['der', 'ieee-p1363']).optional(),
});

const Signature = z.object({
  /** `null` where the key type names its own digest: Ed25519, Ed448. */
  algorithm: z.string().nullable(),
  key: KeySpec,
  options: SignatureOptions,
  /** Which of Node's two interfaces: they differ in what they refuse. */
  api: z.enum(['stream', 'oneShot']),
});
type Signature = z.infer<typeof Signature>;

function sign({ algorithm, key: spec, options, api }: Signature, parts: Parts): Answer {
  const key = { key: loadPrivateKey(spec, parts), ...given(options) };
  const data = parts.need('data');
  if (api === 'oneShot') return { payload: crypto.sign(algorithm, data, key) };
  return {
    payload: crypto
      .createSign(algorithm ?? '')
      .update(data)
      .sign(key),
  };
}

function verify({ algorithm, key: spec, options, api }: Signature, parts: Parts): Answer {
  const key = { key: loadPublicKey(spec, parts), ...given(options) };
  const [data, signature] = [parts.need('data'), parts.need('signature')];
  if (api === 'oneShot') return { value: crypto.verify(algorithm, data, key, signature) };
  return {
    value: crypto
      .createVerify(algorithm ?? '')
      .update(data)
      .verify(key, signature),
  };
}

const { publicEncrypt, privateDecrypt, privateEncrypt, publicDecrypt } = crypto;
const encryptions = { publicEncrypt, privateDecrypt, privateEncrypt, publicDecrypt };

const Encryption = z.object({
  operation: z.enum(['publicEncrypt', 'privateDecrypt', 'privateEncrypt', 'publicDecrypt']),
  key: KeySpec,
  options: z.object({ padding: z.int().optional(), oaepHash: z.string().optional() }),
});

function encrypt({ operation, key: spec, options }: z.infer<typeof Encryption>, parts: Parts): Answer {
  const key = operation.startsWith('private') ? loadPrivateKey(spec, parts) : loadPublicKey(spec, parts);
  const oaepLabel = parts.get('oaepLabel');
  const how = { key, ...given(options), ...(oaepLabel ? { oaepLabel } : {}) };
  return { payload: encryptions[operation](how, parts.need('data')) };
}

type Given<T> = { [K in keyof T]: Exclude<T[K], undefined> };

/** Node refuses a property that is there and undefined. */
function given<T extends object>(options: T): Given<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Given<T>;
}

export const signOperations: HostModule = {
  sync: {
    'crypto.sign': syncOperation(Signature, sign),
    'crypto.verify': syncOperation(Signature, verify),
    'crypto.encrypt': syncOperation(Encryption, encrypt),
  },
  async: {
    'crypto.sign': asyncOperation(Signature, (params, parts, scope) =>
      inThreadPool(scope, async () => sign(params, parts)),
    ),
    'crypto.verify': asyncOperation(Signature, (params, parts, scope) =>
      inThreadPool(scope, async () => verify(params, parts)),
    ),
  },
};
