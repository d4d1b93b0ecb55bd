import { randomBytes } from 'node:crypto';
import { open, realpath, rename, rm, stat } from 'node:fs/promises';

/**
 * A reader sees the old file or the new one, never half of one. Without a mode, a file that is there keeps its own, and a
 * new one is readable by its owner alone. A symbolic link stays one. Throws Node's error, with nothing left behind.
 */
export async function replaceFile(path: string, content: string | Buffer, mode?: number): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const kept = await stat(target).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  );
  const next = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(next, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.chmod(mode ?? kept);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, target);
  } catch (error) {
    await rm(next, { force: true });
    throw Object.assign(error as Error, { path });
  }
}
