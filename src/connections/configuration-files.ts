import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type Cipher, isEncrypted } from '../encryption/create-cipher.ts';
import { replaceFile } from '../replace-file.ts';
import { placeOfValue } from './decrypt-configuration.ts';
import {
  findConfigurationValues,
  replaceValues,
  type ValueInText,
  type ValuesInText,
} from './find-configuration-values.ts';
import { readFileInside } from './read-file-inside.ts';
import { FOLDER, YAML_FILES } from './read-sources.ts';

/** What became of a value, or would. */
export interface ChangedValue {
  file: string;
  connection: string;
  key: string;
  /** `marker`: the value is in the environment, not in the file. */
  state: 'clear' | 'marker' | 'encrypted';
  changed: boolean;
}

export interface ChangedFiles {
  values: ChangedValue[];
  /** Files and places that could not be read; they are left as they are. */
  mistakes: string[];
}

/** The new text of a value; undefined leaves it. */
export type ChangeValue = (value: ValueInText) => string | undefined;

export interface ConfigurationFile {
  /** Relative to the root. */
  file: string;
  text: string;
  values: ValueInText[];
  mistakes: string[];
}

/** The files of a directory that may hold configuration values. Throws when there is no such directory. */
export async function readConfigurationFiles(root: string): Promise<ConfigurationFile[]> {
  const names = await readdir(root);
  const folders = names.includes(FOLDER) ? (await readdir(join(root, FOLDER))).sort() : [];
  const files = [
    ...folders.filter((name) => !name.startsWith('.')).map((name) => `${FOLDER}/${name}/database.json`),
    ...YAML_FILES.filter((file) => names.includes(file)),
  ];
  const read = await Promise.all(files.map((file) => readOne(resolve(root), file)));
  return read.filter((file) => file !== undefined);
}

async function readOne(root: string, file: string): Promise<ConfigurationFile | undefined> {
  const read = await readFileInside(root, file);
  if ('reason' in read) {
    return read.reason === 'missing' ? undefined : { file, text: '', values: [], mistakes: [read.message] };
  }
  const { text, bytes } = read;
  if (!isUtf8(bytes)) return { file, text, values: [], mistakes: ['is not UTF-8'] };
  return { file, text, ...findConfigurationValues(text, file.endsWith('.json') ? 'json' : 'yaml') };
}

function stateOf({ value, hasMarker }: ValueInText): ChangedValue['state'] {
  if (hasMarker) return 'marker';
  return isEncrypted(value) ? 'encrypted' : 'clear';
}

/**
 * Changes values in the files, each file at once and whole or not at all; what stands around them stays as it is. What was
 * encrypted is read back before it is written. Without a cipher nothing is written. Throws DecryptionError, and Node's error of a file that cannot be written.
 */
export async function changeConfigurationValues(
  root: string,
  { connection, cipher }: { connection?: string | undefined; cipher?: Cipher | undefined },
  change: ChangeValue,
): Promise<ChangedFiles> {
  const result: ChangedFiles = { values: [], mistakes: [] };
  for (const { file, text, values, mistakes } of await readConfigurationFiles(root)) {
    result.mistakes.push(...mistakes.map((message) => `${file}: ${message}`));
    const replacements: { at: ValueInText; value: string }[] = [];
    for (const at of values) {
      if (connection !== undefined && at.connection !== connection) continue;
      const value = at.hasMarker ? undefined : change(at);
      if (value !== undefined) replacements.push({ at, value });
      const changed = value !== undefined;
      result.values.push({ file, connection: at.connection, key: at.key, state: stateOf(at), changed });
    }
    if (!cipher || replacements.length === 0) continue;
    const changedText = replaceValues(text, replacements);
    refuseAnotherMeaning(file, changedText, { values, mistakes }, cipher);
    await replaceFile(join(root, file), changedText);
  }
  return result;
}

/** Nobody has the clear values any more once the file is written. */
function refuseAnotherMeaning(file: string, changedText: string, before: ValuesInText, cipher: Cipher): void {
  const clear = ({ connection, key, value }: ValueInText) =>
    isEncrypted(value) ? cipher.decrypt(value, placeOfValue(connection, key)) : value;
  const after = findConfigurationValues(changedText, file.endsWith('.json') ? 'json' : 'yaml');
  const same = before.values.every((value, index) => {
    const now = after.values[index];
    return now?.key === value.key && now.connection === value.connection && clear(now) === clear(value);
  });
  const asMany = (['values', 'mistakes'] as const).every(
    (kind) => after[kind].length === before[kind].length,
  );
  if (!same || !asMany) {
    throw new Error(`${file} would not mean the same; it is left as it is`);
  }
}
