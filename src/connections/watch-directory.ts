import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { type FSWatcher, watch } from 'chokidar';

export interface DirectoryWatch {
  close(): Promise<void>;
}

/** Editors and deployments write several files, and some of them twice: one reading is to see them all. */
const SETTLE_MS = 100;
/** How often a directory that is not there is looked for: it cannot be watched. */
const MISSING_MS = 500;
const ignoredFolders = new Set(['node_modules', '.git']);

/** Calls `onChange` when something in the directory has changed and nothing more has for a moment. */
export async function watchDirectory(
  root: string,
  onChange: () => void,
  onError: (error: unknown) => void,
): Promise<DirectoryWatch> {
  let watcher: FSWatcher | undefined;
  let settling: NodeJS.Timeout | undefined;
  let looking: NodeJS.Timeout | undefined;
  let closed = false;

  const changed = (): void => {
    clearTimeout(settling);
    settling = setTimeout(onChange, SETTLE_MS);
  };
  const lookForRoot = (): void => {
    if (closed) return;
    looking = setTimeout(() => {
      if (!existsSync(root)) return lookForRoot();
      void start().then(changed, onError);
    }, MISSING_MS);
    looking.unref();
  };
  const start = async (): Promise<void> => {
    if (!existsSync(root)) return lookForRoot();
    const started = watch(root, {
      ignoreInitial: true,
      ignored: (path) => path !== root && ignoredFolders.has(basename(path)),
    });
    watcher = started;
    started.on('error', onError);
    started.on('all', (event, path) => {
      if (closed) return;
      changed();
      if (event === 'unlinkDir' && path === root) void started.close().then(lookForRoot);
    });
    await new Promise<void>((resolve) => started.once('ready', () => resolve()));
  };

  await start();
  return {
    async close() {
      closed = true;
      await watcher?.close();
      clearTimeout(looking);
      clearTimeout(settling);
    },
  };
}
