import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** Of everything that a guest build is made from. */
export async function sourceHash(root: string): Promise<string> {
  const files = (
    await Promise.all([
      filesBelow(join(root, 'sandbox/guest')),
      filesBelow(join(root, 'sandbox/build')),
      // What the guest imports of the contract, types apart.
      ['modules.ts', 'helper-paths.ts'].map((file) => join(root, 'sandbox/contract', file)),
      [join(root, 'package-lock.json')],
    ])
  ).flat();
  return hashOfFiles(root, files, process.versions.node);
}

/** SHA-256 over names, relative to the root, and contents; 16 hex digits of it. */
export async function hashOfFiles(root: string, files: readonly string[], beside = ''): Promise<string> {
  const contents = await Promise.all(files.map((file) => readFile(file)));
  const hash = createHash('sha256').update(beside);
  files.forEach((file, index) => {
    const content = contents[index];
    if (content) hash.update(`\0${relative(root, file)}\0${content.byteLength}\0`).update(content);
  });
  return hash.digest('hex').slice(0, 16);
}

export async function filesBelow(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
