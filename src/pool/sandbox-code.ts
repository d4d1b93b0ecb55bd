import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const sandboxFile = (path: string) => fileURLToPath(new URL(`../../sandbox/${path}`, import.meta.url));

export const hostMain = sandboxFile(`host/main${extension}`);

/** What sandbox/host and sandbox/contract import; test/pool/sandbox-code.test.ts compares. */
export const hostPackages = ['bcrypt', 'ipaddr.js', 'isolated-vm', 'undici', 'zod'] as const;

/**
 * What a sandbox process may read: its own code, and nothing of what lies beside it. A clone's root holds the operator's
 * `tenant/` and `.env` too.
 */
export function readablePaths(guestDirectory: string): string[] {
  return [
    sandboxFile('host/'),
    sandboxFile('contract/'),
    sandboxFile(`build/read-guest-build${extension}`),
    ...packageFolders(hostPackages, hostMain),
    guestDirectory,
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
