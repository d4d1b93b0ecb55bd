import { z } from 'zod';
import { type Cipher, DecryptionError } from '../encryption/create-cipher.ts';
import { StoredKey } from './api-key.ts';

const ClearFile = z.strictObject({ version: z.literal(1), keys: z.array(StoredKey) });
const SealedFile = z.strictObject({ version: z.literal(2), sealed: z.string() });

/** The file cannot be used. The message names it and says what is wrong; it never holds a key or a hash. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

const place = ['api keys'];

const asText = (file: object) => `${JSON.stringify(file, null, 2)}\n`;

export function formatKeyFile(keys: readonly StoredKey[], cipher: Cipher | undefined): string {
  const clear = ClearFile.parse({ version: 1, keys });
  return asText(cipher ? { version: 2, sealed: cipher.encrypt(JSON.stringify(clear), place) } : clear);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new KeyFileError(`${path} is not valid JSON`);
  }
}

function open(sealed: string, path: string, cipher: Cipher | undefined): string {
  if (!cipher) {
    throw new KeyFileError(
      `${path} is encrypted; set DRAWBRIDGE_ENCRYPTION_KEY or DRAWBRIDGE_ENCRYPTION_KEY_FILE`,
    );
  }
  try {
    return cipher.decrypt(sealed, place);
  } catch (error) {
    if (error instanceof DecryptionError) throw new KeyFileError(`${path} ${error.message}`);
    throw error;
  }
}

/**
 * The keys in the file's text. Where there is a cipher, a file in clear is refused unless it is about to be encrypted:
 * whoever can write the file could else put one with a key of their own in its place. Throws KeyFileError.
 */
export function parseKeyFile(
  text: string,
  path: string,
  { cipher, clearToo = false }: { cipher?: Cipher | undefined; clearToo?: boolean } = {},
): StoredKey[] {
  let value = parseJson(text, path);
  const sealed = SealedFile.safeParse(value);
  if (sealed.success) value = parseJson(open(sealed.data.sealed, path, cipher), path);
  const clear = ClearFile.safeParse(value);
  if (!clear.success) {
    const where = clear.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
    throw new KeyFileError(`${path} is not a file of API keys (wrong: ${where})`);
  }
  if (cipher && !sealed.success && !clearToo) {
    throw new KeyFileError(
      `${path} is not encrypted, though there is an encryption key; encrypt it with: npx drawbridge secrets encrypt --api-keys-file ${path}`,
    );
  }
  return clear.data.keys;
}
