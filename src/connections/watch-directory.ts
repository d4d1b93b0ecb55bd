import { basename } from 'node:path';
import { watch } from 'chokidar';

export interface DirectoryWatch {
  close(): Promise<void>;
}

/** Editors and deployments write several files, and some of them twice: one reading is to see them all. */
const SETTLE_MS = 100;
const ignoredFolders = new Set(['node_modules', '.git']);

/** Calls `onChange` when something in the directory has changed and nothing more has for a moment. */
export async function watchDirectory(
  root: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): Promise<DirectoryWatch> {
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(root, {
    ignoreInitial: true,
    ignored: (path) => path !== root && ignoredFolders.has(basename(path)),
  });
  watcher.on('error', onError);
  watcher.on('all', () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS);
  });
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    async close() {
      await watcher.close();
      clearTimeout(timer);
    },
  };
}
