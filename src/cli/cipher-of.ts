import type { Command } from 'commander';
import type { Cipher } from '../encryption/create-cipher.ts';
import { loadCipher } from '../encryption/load-cipher.ts';

export interface EncryptionFlags {
  encryptionKeyFile?: string;
}

export function addEncryptionFlag(command: Command): Command {
  return command.option(
    '--encryption-key-file <path>',
    'file of the encryption keys (DRAWBRIDGE_ENCRYPTION_KEY_FILE; DRAWBRIDGE_ENCRYPTION_KEY has the keys themselves)',
  );
}

/** The flag comes before the variables. Throws EncryptionKeyError. */
export function cipherOf(
  { encryptionKeyFile }: EncryptionFlags,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Cipher | undefined {
  if (encryptionKeyFile !== undefined) return loadCipher({ file: encryptionKeyFile });
  const { DRAWBRIDGE_ENCRYPTION_KEY: keys, DRAWBRIDGE_ENCRYPTION_KEY_FILE: file } = env;
  // An empty variable of keys is a secret that did not arrive: it must not pass for none.
  return loadCipher({ keys, file: file === '' ? undefined : file });
}
