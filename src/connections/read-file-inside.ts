import { readFile, realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';

/** Why a file cannot be read; the message names no path outside the directory that is served. */
export interface ReadFailure {
  reason: 'missing' | 'outside' | 'not_a_file' | 'too_large' | 'unreadable';
  message: string;
}

export interface ReadFile {
  /** Without a byte-order mark. */
  text: string;
  bytes: Buffer;
}

/** Far above any limit of what is in the files: it keeps a mistaken path from filling the memory. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Reads a file that must lie in the root, and in that folder of it where one is given, symbolic links followed. */
export async function readFileInside(
  root: string,
  path: string,
  folder = '.',
): Promise<ReadFile | ReadFailure> {
  const absolute = resolve(root, path);
  const bounds = [...new Set([root, resolve(root, folder)])];
  if (!bounds.every((bound) => isInside(bound, absolute))) return outside;
  try {
    const real = await realpath(absolute);
    for (const bound of bounds) if (!isInside(await realpath(bound), real)) return outside;
    const found = await stat(real);
    // To read a named pipe waits for a writer, and every later reading of the directory would wait with it.
    if (!found.isFile()) return { reason: 'not_a_file', message: 'is not a file' };
    const { size } = found;
    if (size > MAX_BYTES) return { reason: 'too_large', message: `has ${size} bytes` };
    const bytes = await readFile(real);
    return { bytes, text: new TextDecoder('utf-8').decode(bytes) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { reason: 'missing', message: 'does not exist' };
    return { reason: 'unreadable', message: `cannot be read (${code ?? 'unknown error'})` };
  }
}

const outside: ReadFailure = {
  reason: 'outside',
  message: 'lies outside of the directory that is served',
};

export function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && resolve(root, way) === path;
}
