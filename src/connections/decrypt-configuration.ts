import { type Cipher, DecryptionError, isEncrypted, type Place } from '../encryption/create-cipher.ts';

export type Configuration = Readonly<Record<string, string>>;

/** A value of one connection does not decrypt as another's, nor under another key of the same. */
export function placeOfValue(connection: string, key: string): Place {
  return ['configuration', connection, key];
}

export interface ReadConfiguration {
  configuration: Record<string, string>;
  /** The values that cannot be read, by their keys; messages hold nothing of them. */
  mistakes: { key: string; message: string }[];
}

/** Configuration as scripts get it. Values that are not encrypted stay as they are. */
export function decryptConfiguration(
  connection: string,
  configuration: Configuration,
  cipher: Pick<Cipher, 'decrypt'>,
): ReadConfiguration {
  const mistakes: ReadConfiguration['mistakes'] = [];
  const read = (key: string, value: string): string => {
    if (!isEncrypted(value)) return value;
    try {
      return cipher.decrypt(value, placeOfValue(connection, key));
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      mistakes.push({ key, message: error.message });
      return '';
    }
  };
  const entries = Object.entries(configuration).map(([key, value]) => [key, read(key, value)]);
  return { configuration: Object.fromEntries(entries), mistakes };
}
