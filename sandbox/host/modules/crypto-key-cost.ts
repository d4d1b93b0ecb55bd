import { limits } from './crypto-kdf.ts';
import { atMost } from './crypto-operation.ts';
import { childrenOf, type DerElement, elementAt, integerOf, isConstructed, tags, unreadable } from './der.ts';

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

function checkEncryptedInfo(der: Buffer): void {
  const outer = elementAt(der, 0);
  if (outer.tag !== tags.sequence) throw unreadable();
  const algorithm = elementAt(der, outer.start);
  // A key that is not encrypted begins with its version.
  if (algorithm.tag !== tags.sequence) return;
  const integers = integersIn(der, algorithm);
  const [first = 0, r = 1, p] = integers;
  // PBKDF2 and PKCS #12: iterations and perhaps a key length. scrypt (RFC 7914 section 7.1): N, r, p and perhaps one.
  if (p === undefined) atMost('iterations', first, limits.pbkdf2Rounds.sync);
  else atMost('N * r * p', first * r * p, limits.scryptCost.sync);
}

function integersIn(der: Buffer, element: DerElement): number[] {
  return childrenOf(der, element).flatMap((child) => {
    if (isConstructed(child)) return integersIn(der, child);
    return child.tag === tags.integer ? [integerOf(der, child)] : [];
  });
}
