import { resolve } from 'node:path';
import type { Command } from 'commander';
import {
  type ChangedFiles,
  type ChangedValue,
  changeConfigurationValues,
  readConfigurationFiles,
} from '../connections/configuration-files.ts';
import { placeOfValue } from '../connections/decrypt-configuration.ts';
import type { ValueInText } from '../connections/find-configuration-values.ts';
import { type Cipher, DecryptionError, isEncrypted, keyIdOf } from '../encryption/create-cipher.ts';
import { generateEncryptionKey } from '../encryption/encryption-key.ts';
import { updateKeyFile } from '../keys/key-file.ts';
import { addEncryptionFlag, cipherOf, type EncryptionFlags } from './cipher-of.ts';

const examples = `
Values of options.configuration are encrypted in their files, in place; the service decrypts them with the same key. A
value that is a marker (@@KEY@@, ##KEY##) stays, since it is not in the file. What is encrypted is bound to its
connection's name and its own: copied elsewhere it does not decrypt.

Several keys, separated by commas or lines: the first encrypts, all decrypt. To change keys, put the new one first, run
"secrets rotate", then take the old one away.

Examples:
  $ npx drawbridge secrets generate-key > encryption.key && chmod 600 encryption.key
  $ npx drawbridge secrets encrypt --dir ./tenant --encryption-key-file encryption.key
  $ npx drawbridge secrets encrypt --dir ./tenant --check         fails when a value is in clear
  $ npx drawbridge secrets rotate --dir ./tenant --api-keys-file keys.json
  $ npx drawbridge secrets decrypt API_TOKEN --connection acme    prints the one value

Exit codes: 0 done; 1 failed, or --check found a value in clear; 2 called in a wrong way.
`;

/** What the person at the terminal can put right. */
class SecretsError extends Error {
  override readonly name = 'SecretsError';
}

interface FileFlags extends EncryptionFlags {
  dir?: string;
  connection?: string;
  json?: boolean;
}

interface ChangeFlags extends FileFlags {
  apiKeysFile?: string;
  check?: boolean;
}

const print = (text: string) => void process.stdout.write(`${text}\n`);

const directoryOf = ({ dir }: FileFlags) => resolve(dir ?? (process.env.DRAWBRIDGE_DIR || './tenant'));

function neededCipher(flags: EncryptionFlags): Cipher {
  const cipher = cipherOf(flags);
  if (cipher) return cipher;
  throw new SecretsError(
    'there is no encryption key; make one with "npx drawbridge secrets generate-key" and set DRAWBRIDGE_ENCRYPTION_KEY or --encryption-key-file',
  );
}

/** Says which file or value it is; the errors themselves name neither. */
async function orSecretsError<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (code !== undefined && path !== undefined)
      throw new SecretsError(`${path} cannot be used (${code})`, { cause: error });
    throw error;
  }
}

function decryptAt(cipher: Cipher, { connection, key, value }: ValueInText): string {
  try {
    return cipher.decrypt(value, placeOfValue(connection, key));
  } catch (error) {
    if (error instanceof DecryptionError) throw new SecretsError(`${connection} ${key} ${error.message}`);
    throw error;
  }
}

function line({ file, connection, key }: ChangedValue, what: string): string {
  return `${file}: ${connection} ${key}: ${what}`;
}

function report(flags: ChangeFlags, { values, mistakes }: ChangedFiles, what: string): void {
  if (flags.json) print(JSON.stringify({ values, mistakes }));
  else {
    const changed = values.filter((value) => value.changed);
    for (const value of changed) print(line(value, what));
    if (changed.length === 0)
      print(
        `Nothing to do: of ${values.length} values none is to be changed (markers, @@KEY@@, are left alone).`,
      );
    for (const mistake of mistakes) process.stderr.write(`error: ${mistake}\n`);
  }
  if (mistakes.length > 0) process.exitCode = 1;
}

async function encrypt(flags: ChangeFlags): Promise<void> {
  // To look for values in clear takes no key; a check is for machines that have none.
  const cipher = flags.check ? undefined : neededCipher(flags);
  const { connection } = flags;
  const encryptClear = (at: ValueInText) => {
    if (isEncrypted(at.value)) return undefined;
    return cipher ? cipher.encrypt(at.value, placeOfValue(at.connection, at.key)) : '';
  };
  const scope = { connection, cipher };
  const changed = await orSecretsError(changeConfigurationValues(directoryOf(flags), scope, encryptClear));
  if (cipher) await encryptKeyFile(flags, cipher);
  report(flags, changed, flags.check ? 'in clear' : 'encrypted');
  if (flags.check && changed.values.some((value) => value.changed)) process.exitCode = 1;
}

async function rotate(flags: ChangeFlags): Promise<void> {
  const cipher = neededCipher(flags);
  const { connection } = flags;
  const encryptAgain = (at: ValueInText) => {
    if (!isEncrypted(at.value) || keyIdOf(at.value) === cipher.keyId) return undefined;
    return cipher.encrypt(decryptAt(cipher, at), placeOfValue(at.connection, at.key));
  };
  const scope = { connection, cipher };
  const changed = await orSecretsError(changeConfigurationValues(directoryOf(flags), scope, encryptAgain));
  await encryptKeyFile(flags, cipher);
  report(flags, changed, `encrypted with the key ${cipher.keyId}`);
}

/** Written with the first key, whether it was in clear or encrypted with another. */
async function encryptKeyFile({ apiKeysFile, json }: ChangeFlags, cipher: Cipher): Promise<void> {
  if (apiKeysFile === undefined) return;
  await updateKeyFile(apiKeysFile, (keys) => ({ keys, result: undefined }), { cipher, clearToo: true });
  if (!json) print(`${apiKeysFile}: encrypted with the key ${cipher.keyId}`);
}

async function decrypt(key: string, flags: FileFlags): Promise<void> {
  const cipher = neededCipher(flags);
  const files = await orSecretsError(readConfigurationFiles(directoryOf(flags)));
  const found = files
    .flatMap(({ values }) => values)
    .find((each) => each.connection === flags.connection && each.key === key);
  if (!found) throw new SecretsError(`no file has a configuration value ${key} of ${flags.connection}`);
  if (!isEncrypted(found.value)) throw new SecretsError(`${flags.connection} ${key} is not encrypted`);
  const value = decryptAt(cipher, found);
  print(flags.json ? JSON.stringify({ connection: flags.connection, key, value }) : value);
}

export function register(program: Command): void {
  const secrets = program
    .command('secrets')
    .description('encrypt configuration values and API keys in their files')
    .addHelpText('after', examples);
  const add = (name: string, description: string) =>
    addEncryptionFlag(secrets.command(name))
      .description(description)
      .option('--dir <path>', 'directory with the connections (DRAWBRIDGE_DIR, default ./tenant)')
      .option('--json', 'print the result as JSON');
  const addChange = (name: string, description: string) =>
    add(name, description)
      .option('--connection <name>', 'of this connection only')
      .option('--api-keys-file <path>', 'file of API keys to encrypt as well');

  secrets
    .command('generate-key')
    .description('print a new key')
    .option('--json', 'print the result as JSON')
    .action(({ json }: { json?: boolean }) => {
      const key = generateEncryptionKey();
      print(json ? JSON.stringify({ key }) : key);
    });
  addChange('encrypt', 'encrypt the values that are in clear, in place')
    .option('--check', 'change nothing; fail when a value is in clear')
    .action(encrypt);
  addChange('rotate', 'encrypt again, with the first key, what another key has encrypted').action(rotate);
  add('decrypt', 'print one value in clear')
    .argument('<key>', 'key of the configuration value')
    .requiredOption('--connection <name>', 'connection whose value it is')
    .action(decrypt);
}
