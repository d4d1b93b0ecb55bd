import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCipher, DecryptionError, noCipher } from '../../src/encryption/create-cipher.ts';
import { generateEncryptionKey, parseEncryptionKeys } from '../../src/encryption/encryption-key.ts';
import { EncryptionKeyError, loadCipher } from '../../src/encryption/load-cipher.ts';
import { temporaryTree } from '../connections/temporary-tree.ts';

const cipherOf = (...keys: string[]) => createCipher(parseEncryptionKeys(keys.join(','))!);
const [one, other] = [generateEncryptionKey(), generateEncryptionKey()];
const place = ['configuration', 'acme', 'API_TOKEN'];

describe('a cipher', () => {
  it('reads back what it has written, whatever the text', () => {
    const cipher = cipherOf(one);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(cipher.decrypt(cipher.encrypt(text, place), place)).toBe(text);
      }),
    );
  });

  it('never writes a text twice in the same way, and shows only the key’s id of it', () => {
    const cipher = cipherOf(one);
    const [first, second] = [cipher.encrypt('hunter22', place), cipher.encrypt('hunter22', place)];
    expect(first).toMatch(/^enc:v1:[\w-]{8}:[\w-]{48}$/);
    expect(first).not.toBe(second);
    expect(first).not.toContain('hunter22');
    expect(Buffer.from(one, 'base64url').toString('hex')).not.toContain(
      Buffer.from(cipher.keyId, 'base64url').toString('hex'),
    );
  });

  it('decrypts with any of its keys and encrypts with the first', () => {
    const old = cipherOf(one).encrypt('hunter22', place);
    const both = cipherOf(other, one);
    expect(both.decrypt(old, place)).toBe('hunter22');
    expect(both.encrypt('x', place)).toContain(cipherOf(other).keyId);
    expect(() => cipherOf(other).decrypt(old, place)).toThrow(
      /with the key [\w-]{8}, which is none of those/,
    );
  });

  it.each([
    ['of another connection', ['configuration', 'other', 'API_TOKEN']],
    ['under another key', ['configuration', 'acme', 'OTHER']],
    ['cut elsewhere between the names', ['configuration', 'acmeAPI', '_TOKEN']],
  ])('does not read it %s', (_, elsewhere) => {
    const cipher = cipherOf(one);
    expect(() => cipher.decrypt(cipher.encrypt('hunter22', place), elsewhere)).toThrow(DecryptionError);
  });

  it('reads nothing that was changed or cut, and says nothing of it', () => {
    const cipher = cipherOf(one);
    const whole = cipher.encrypt('hunter22', place);
    const changed = (at: number) =>
      `${whole.slice(0, at)}${whole[at] === 'A' ? 'B' : 'A'}${whole.slice(at + 1)}`;
    // The last character has bits that mean nothing.
    const texts = Array.from({ length: whole.length - 8 }, (_, index) => changed(index + 7));
    texts.pop();
    for (const text of [...texts, whole.slice(0, 40), 'enc:v1:', 'enc:v1:x:y', `${whole}AAAA`]) {
      expect(() => cipher.decrypt(text, place)).toThrow(DecryptionError);
      expect(() => cipher.decrypt(text, place)).not.toThrow(/hunter|[\w-]{20}/);
    }
    expect(() => noCipher.decrypt(whole, place)).toThrow(/DRAWBRIDGE_ENCRYPTION_KEY/);
  });
});

describe('keys', () => {
  it('may be base64url, base64 or hex, by commas, lines and with comments', () => {
    const bytes = randomBytes(32);
    const forms = (['base64url', 'base64', 'hex'] as const).map((form) => bytes.toString(form));
    const keys = parseEncryptionKeys(`# of 2025\n${forms.join(',\n')} # the same\n`);
    expect(keys?.map(({ id }) => id)).toEqual(Array(3).fill(keys?.[0].id));
  });

  it.each(['', ' ', '# none', 'short', `${one},short`, one.slice(1)])('are not %j', (text) => {
    expect(parseEncryptionKeys(text)).toBeUndefined();
    expect(() => loadCipher({ keys: text })).toThrow(EncryptionKeyError);
  });

  it('come from a variable or a file, not from both; no message shows one', async () => {
    const { root } = await temporaryTree();
    const file = join(root, 'key');
    await writeFile(file, `${one}\n`);
    expect(loadCipher({ file })?.keyId).toBe(loadCipher({ keys: one })?.keyId);
    expect(loadCipher({})).toBeUndefined();
    expect(() => loadCipher({ keys: one, file })).toThrow(/not both/);
    expect(() => loadCipher({ file: join(root, 'none') })).toThrow(/none cannot be read \(ENOENT\)/);
    await writeFile(file, 'not-a-key-but-a-secret');
    expect(() => loadCipher({ file })).toThrow(file);
    expect(() => loadCipher({ file })).not.toThrow(/not-a-key/);
  });
});
