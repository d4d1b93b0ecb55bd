import { readFileSync } from 'node:fs';
import { type Cipher, createCipher } from './create-cipher.ts';
import { parseEncryptionKeys } from './encryption-key.ts';

/** The keys cannot be used. The message names where they come from, never one of them. */
export class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
}

export const keysAllowed =
  'keys of 32 bytes as base64url, base64 or hex, made by "drawbridge secrets generate-key"; the first encrypts, all decrypt';

export interface KeySource {
  /** The keys themselves. */
  keys?: string | undefined;
  /** A file of them. */
  file?: string | undefined;
}

/** Undefined when neither is given. Throws EncryptionKeyError. */
export function loadCipher({ keys, file }: KeySource): Cipher | undefined {
  if (keys !== undefined && file !== undefined) {
    throw new EncryptionKeyError('set DRAWBRIDGE_ENCRYPTION_KEY or DRAWBRIDGE_ENCRYPTION_KEY_FILE, not both');
  }
  const text = keys ?? (file === undefined ? undefined : read(file));
  if (text === undefined) return undefined;
  const parsed = parseEncryptionKeys(text);
  if (parsed) return createCipher(parsed);
  throw new EncryptionKeyError(
    `${file ?? 'DRAWBRIDGE_ENCRYPTION_KEY'} does not hold what it must: ${keysAllowed}`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new EncryptionKeyError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
