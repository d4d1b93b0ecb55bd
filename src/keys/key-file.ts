import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { StoredKey } from './api-key.ts';

const KeyFile = z.strictObject({ version: z.literal(1), keys: z.array(StoredKey) });

/** The file cannot be used. The message names it and says what is wrong; it never holds a key or a hash. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

export function parseKeyFile(text: string, path: string): StoredKey[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new KeyFileError(`${path} is not valid JSON`);
  }
  const parsed = KeyFile.safeParse(value);
  if (parsed.success) return parsed.data.keys;
  const where = parsed.error.issues.map((issue) => issue.path.join('.') || 'the whole').join(', ');
  throw new KeyFileError(`${path} is not a file of API keys (wrong: ${where})`);
}

/** The keys in the file, none when there is no file. Throws KeyFileError. */
export async function readKeyFile(path: string): Promise<StoredKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    throw new KeyFileError(`${path} cannot be read (${code})`);
  }
  return parseKeyFile(text, path);
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

/** A reader sees the old file or the new one, never half of one. Readable by its owner alone. */
async function replaceFile(path: string, text: string): Promise<void> {
  const next = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new KeyFileError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
}

/**
 * Reads, changes and writes the file while nobody else does. `change` answers the new list and what the caller
 * wants back. Throws KeyFileError.
 */
export async function updateKeyFile<Result>(
  path: string,
  change: (keys: StoredKey[]) => { keys: StoredKey[]; result: Result },
  { lockWaitMs = 5_000 }: { lockWaitMs?: number } = {},
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const lock = `${path}.lock`;
  await takeLock(lock, lockWaitMs);
  try {
    const { keys, result } = change(await readKeyFile(path));
    await replaceFile(path, `${JSON.stringify(KeyFile.parse({ version: 1, keys }), null, 2)}\n`);
    return result;
  } finally {
    await rm(lock, { force: true });
  }
}
