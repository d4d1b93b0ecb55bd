import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export interface TemporaryTree {
  root: string;
  write(files: Record<string, string | object>): Promise<void>;
  remove(path: string): Promise<void>;
}

/** A directory that is gone after the test. Objects are written as JSON. */
export async function temporaryTree(files: Record<string, string | object> = {}): Promise<TemporaryTree> {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'drawbridge-')));
  const root = join(base, 'tenant');
  onTestFinished(() => rm(base, { recursive: true, force: true }));
  const write: TemporaryTree['write'] = async (more) => {
    for (const [path, content] of Object.entries(more)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
    }
  };
  await mkdir(root);
  await write(files);
  return { root, write, remove: (path) => rm(join(root, path), { recursive: true, force: true }) };
}
