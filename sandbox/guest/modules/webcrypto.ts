import { bytesOf } from './crypto-bytes.ts';
import { fillRandom, randomUUID } from './crypto-random.ts';
import { domError } from './webcrypto-errors.ts';
import { subtle } from './webcrypto-subtle.ts';

/** Web Cryptography API section 10.1.1: more than this is a QuotaExceededError. */
const QUOTA_BYTES = 65_536;

function getRandomValues<View>(view: View): View {
  const bytes = isIntegerArray(view) ? bytesOf(view) : undefined;
  if (!bytes) {
    throw domError('TypeMismatchError', 'The data argument must be an integer-type TypedArray');
  }
  if (bytes.byteLength > QUOTA_BYTES) {
    throw domError('QuotaExceededError', 'The requested length exceeds 65,536 bytes');
  }
  fillRandom(bytes);
  return view;
}

function isIntegerArray(view: unknown): boolean {
  if (!ArrayBuffer.isView(view) || view instanceof DataView) return false;
  return !(view instanceof Float32Array || view instanceof Float64Array);
}

/** The global `crypto`. */
export const webcrypto = { getRandomValues, randomUUID, subtle };
