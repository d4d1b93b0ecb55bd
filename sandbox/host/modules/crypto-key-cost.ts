import { limits } from './crypto-kdf.ts';
import { atMost, codedError } from './crypto-operation.ts';

/**
 * An encrypted key names the work it takes to decrypt it: up to 2^31 rounds of PBKDF2, on the host's thread. So the
 * AlgorithmIdentifier of the EncryptedPrivateKeyInfo (RFC 5958 section 3) is read first. Throws ERR_OUT_OF_RANGE.
 */
export function checkDecryptionCost(key: Buffer, format: 'pem' | 'der'): void {
  if (format === 'der') return checkEncryptedInfo(key);
  const text = key.toString('latin1');
  const blocks = [...text.matchAll(pkcs8Block)];
  // One with a header, as of RFC 1421, may be encrypted twice: what the inner one costs cannot be read.
  if (blocks.length !== [...text.matchAll(pkcs8Label)].length) throw unreadable();
  for (const [, body = ''] of blocks) checkEncryptedInfo(Buffer.from(body, 'base64'));
}

/** OpenSSL decrypts what it finds under either label. */
const pkcs8Label = /-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/g;
const pkcs8Block = new RegExp(`${pkcs8Label.source}([A-Za-z0-9+/=\\s]*)-----END`, 'g');

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const CONSTRUCTED = 0x20;

function checkEncryptedInfo(der: Buffer): void {
  const outer = elementAt(der, 0);
  if (outer.tag !== SEQUENCE) throw unreadable();
  const algorithm = elementAt(der, outer.start);
  // A key that is not encrypted begins with its version.
  if (algorithm.tag !== SEQUENCE) return;
  const integers = integersIn(der, algorithm.start, algorithm.end);
  const [first = 0, r = 1, p] = integers;
  // PBKDF2 and PKCS #12: iterations and perhaps a key length. scrypt (RFC 7914 section 7.1): N, r, p and perhaps one.
  if (p === undefined) atMost('iterations', first, limits.pbkdf2Rounds.sync);
  else atMost('N * r * p', first * r * p, limits.scryptCost.sync);
}

function integersIn(der: Buffer, from: number, to: number): number[] {
  const found: number[] = [];
  for (let at = from; at < to; ) {
    const { tag, start, end } = elementAt(der, at);
    if (tag & CONSTRUCTED) found.push(...integersIn(der, start, end));
    else if (tag === INTEGER) found.push(Number(`0x0${der.toString('hex', start, end)}`));
    at = end;
  }
  return found;
}

/** X.690 section 8.1, definite lengths only; OpenSSL would take others, and no tool writes them. */
function elementAt(der: Buffer, at: number): { tag: number; start: number; end: number } {
  const [tag, length] = [der[at], der[at + 1]];
  if (tag === undefined || length === undefined || length === 0x80 || length > 0x84) throw unreadable();
  const lengthBytes = length > 0x80 ? length - 0x80 : 0;
  const start = at + 2 + lengthBytes;
  if (start > der.length) throw unreadable();
  const end = start + (lengthBytes === 0 ? length : der.readUIntBE(at + 2, lengthBytes));
  if (end > der.length) throw unreadable();
  return { tag, start, end };
}

function unreadable(): Error {
  return codedError(Error, 'ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');
}
