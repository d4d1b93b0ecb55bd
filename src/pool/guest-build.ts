import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readGuestBuild } from '../../sandbox/build/read-guest-build.ts';
import type { ModuleTable } from '../../sandbox/contract/modules.ts';

export interface LocatedGuest {
  /** Where the guest's runtime, libraries and startup snapshot are. */
  directory: string;
  /** The modules that scripts may require. */
  modules: ModuleTable;
}

/**
 * Finds the guest build. Running from source it is made when it is missing or stale, and `onProgress` hears each
 * step; a published package brings it along.
 */
export async function locateGuestBuild(onProgress?: (text: string) => void): Promise<LocatedGuest> {
  const { directory, manifest } = await readOrBuild(onProgress);
  return { directory, modules: manifest };
}

async function readOrBuild(onProgress?: (text: string) => void) {
  const builder = new URL('../../sandbox/build/build-guest.ts', import.meta.url);
  if (!existsSync(builder)) return readGuestBuild(fileURLToPath(new URL('../../guest/', import.meta.url)));
  const { buildGuest } = (await import(builder.href)) as typeof import('../../sandbox/build/build-guest.ts');
  return buildGuest(onProgress ? { onProgress } : {});
}
