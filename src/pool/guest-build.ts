import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * The directory with the guest's runtime, libraries and startup snapshot. Running from source it is built when it is
 * missing or stale; a published package brings it along.
 */
export async function locateGuestBuild(onProgress?: (text: string) => void): Promise<string> {
  const builder = new URL('../../sandbox/build/build-guest.ts', import.meta.url);
  if (!existsSync(builder)) return fileURLToPath(new URL('../../guest/', import.meta.url));
  const { buildGuest } = (await import(builder.href)) as typeof import('../../sandbox/build/build-guest.ts');
  const { directory } = await buildGuest(onProgress ? { onProgress } : {});
  return directory;
}
