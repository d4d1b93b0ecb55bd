import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hostName, nativePackages } from '../../sandbox/build/read-guest-build.ts';

/** The program of sandbox processes, bundled by sandbox/build/bundle-host.ts. */
export const hostMain = (guestDirectory: string) => join(guestDirectory, hostName);

/**
 * What a sandbox process may read: its own code, and nothing of what lies beside it. A clone's root holds the operator's
 * `tenant/` and `.env` too.
 */
export function readablePaths(guestDirectory: string): string[] {
  return [
    guestDirectory,
    ...packageFolders(nativePackages, fileURLToPath(import.meta.url)),
    // node-gyp-build looks for it. Names are looked up by the C library, which is not asked: /etc/hosts need not be here.
    '/etc/alpine-release',
  ];
}

/** The folders of packages and of all that they depend on, wherever npm has put them. */
function packageFolders(names: readonly string[], from: string, found = new Set<string>()): Set<string> {
  for (const name of names) {
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder)) continue;
    found.add(folder);
    const manifest = join(folder, 'package.json');
    const { dependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies?: object };
    packageFolders(Object.keys(dependencies), manifest, found);
  }
  return found;
}

function folderOf(name: string, from: string): string | undefined {
  const marker = join('node_modules', name);
  const entry = createRequire(from).resolve(name);
  const at = entry.lastIndexOf(marker);
  return at < 0 ? undefined : join(entry.slice(0, at + marker.length), '/');
}
