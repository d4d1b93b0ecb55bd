import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

export const Manifest = z.object({
  /** Of all that the build was made from. */
  hash: z.string(),
  /** Files relative to the manifest. */
  runtime: z.string(),
  modules: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      version: z.string(),
      kind: z.enum(['builtin', 'library']),
      file: z.string().optional(),
      aliases: z.array(z.string()),
      subpaths: z.array(z.string()).optional(),
      propertyPaths: z.boolean().optional(),
      pins: z.tuple([z.number(), z.number()]).optional(),
      keeps: z.string().optional(),
      needs: z.array(z.string()).optional(),
    }),
  ),
  legacyGlobals: z.record(z.string(), z.string()),
  /** Libraries that are executed in the startup snapshot. */
  preloaded: z.array(z.string()),
});
export type Manifest = z.infer<typeof Manifest>;

export interface GuestBuild {
  /** Absolute. Its files never change once it is there; what is made from them may be put beside them. */
  directory: string;
  runtimeFile: string;
  /** Is also the ModuleTable of sandbox/contract/modules.ts. */
  manifest: Manifest;
}

export const manifestName = 'manifest.json';
export const snapshotName = 'snapshot.bin';
/** The program of sandbox processes; it is made anew when its sources change. */
export const hostName = 'host.cjs';
/** Packages of native code cannot be bundled into it; they are found from the folder of the build upwards. */
export const nativePackages = ['bcrypt', 'isolated-vm'] as const;

/** Throws an Error that names the file when there is no whole build in the directory. */
export async function readGuestBuild(directory: string): Promise<GuestBuild> {
  const file = join(directory, manifestName);
  const parsed = Manifest.safeParse(parseJson(await readFile(file, 'utf8')));
  if (!parsed.success)
    throw new Error(`${file} is no manifest of a guest build: ${z.prettifyError(parsed.error)}`);
  return { directory, runtimeFile: join(directory, parsed.data.runtime), manifest: parsed.data };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
