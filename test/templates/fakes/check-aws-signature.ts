import { createHash, createHmac } from 'node:crypto';
import type { SeenRequest } from '../../service/upstream.ts';

export interface AwsKey {
  accessKeyId: string;
  secretAccessKey: string;
}

/** `unknown`: another key than ours, or none. `wrong`: ours, but not its signature. */
export type Signature = 'good' | 'wrong' | 'unknown';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/** Signature Version 4 of a POST to `/` without a query, which is all that AWS' JSON protocol sends. */
export function checkAwsSignature({ headers, body }: SeenRequest, key: AwsKey): Signature {
  const pattern = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=([\w;-]+), Signature=(\w+)$/;
  const found = pattern.exec(headers.authorization ?? '');
  if (!found) return 'unknown';
  const [, accessKeyId, scope = '', signed = '', signature] = found;
  if (accessKeyId !== key.accessKeyId) return 'unknown';

  const lines = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ['POST', '/', '', lines.join(''), signed, sha256(body)].join('\n');
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(canonical)].join('\n');
  const signingKey = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${key.secretAccessKey}`);
  return hmac(signingKey, text).toString('hex') === signature ? 'good' : 'wrong';
}
