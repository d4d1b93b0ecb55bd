import { type FileHandle, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cipher } from '../encryption/create-cipher.ts';
import { replaceFile } from '../replace-file.ts';
import type { StoredKey } from './api-key.ts';
import { formatKeyFile, KeyFileError, parseKeyFile } from './key-file-text.ts';

export interface KeyFileOptions {
  /** Where there is one, the file is encrypted. */
  cipher?: Cipher | undefined;
  /** Take a file in clear all the same, to encrypt it. */
  clearToo?: boolean;
}

/** The keys in the file, none when there is no file. Throws KeyFileError. */
export async function readKeyFile(path: string, options: KeyFileOptions = {}): Promise<StoredKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new KeyFileError(`${path} cannot be read (${code})`);
  }
  return parseKeyFile(text, path, options);
}

async function holderIsGone(lock: string): Promise<boolean> {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Exclusive creation is atomic on every file system Node runs on, which advisory locks are not. */
async function takeLock(lock: string, waitMs: number): Promise<void> {
  const deadline = Date.now() + waitMs;
  for (;;) {
    try {
      const handle = await open(lock, 'wx', 0o600);
      await signLock(handle, lock);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST') throw new KeyFileError(`${lock} cannot be written (${code})`);
      if (await holderIsGone(lock)) await rm(lock, { force: true });
      else if (Date.now() > deadline) {
        throw new KeyFileError(`${lock} is held by another process; if there is none, remove the file`);
      } else await delay(25);
    }
  }
}

/** A lock without its holder's id is never known to be left behind: on a full disk it would stay for good. */
async function signLock(handle: FileHandle, lock: string): Promise<void> {
  try {
    await handle.writeFile(String(process.pid));
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Reads, changes and writes the file while nobody else does. `change` answers the new list and what the caller
 * wants back. Throws KeyFileError.
 */
export async function updateKeyFile<Result>(
  path: string,
  change: (keys: StoredKey[]) => { keys: StoredKey[]; result: Result },
  { lockWaitMs = 5_000, ...options }: KeyFileOptions & { lockWaitMs?: number } = {},
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  await takeLock(lock, lockWaitMs);
  try {
    const { keys, result } = change(await readKeyFile(path, options));
    const text = formatKeyFile(keys, options.cipher);
    await replaceFile(path, text, 0o600).catch((error: NodeJS.ErrnoException) => {
      throw new KeyFileError(`${path} cannot be written (${error.code})`);
    });
    return result;
  } finally {
    await rm(lock, { force: true });
  }
}
