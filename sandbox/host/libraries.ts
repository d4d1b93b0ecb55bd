import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Manifest } from '../build/read-guest-build.ts';
import { resolveModule } from '../contract/modules.ts';
import type { CodeCache } from './isolate.ts';
import type { HostModule } from './operations.ts';

export interface LibrarySource {
  id: string;
  code: string;
  codeCache: CodeCache;
}

/** The sources of the libraries on board, read when first asked for and kept for all isolates of the process. */
export function createLibraries(guestDirectory: string, manifest: Manifest) {
  const sources = new Map<string, LibrarySource>();
  const entryOf = (id: string) =>
    manifest.modules.find((entry) => entry.id === id && entry.kind === 'library');

  function sourceOf(id: string): LibrarySource | undefined {
    const known = sources.get(id);
    if (known) return known;
    const { file } = entryOf(id) ?? {};
    if (!file) return undefined;
    const source = { id, code: readFileSync(join(guestDirectory, file), 'utf8'), codeCache: {} };
    sources.set(id, source);
    return source;
  }

  const Params = z.object({ id: z.string() });
  const module: HostModule = {
    sync: {
      library(params) {
        const source = sourceOf(Params.parse(params).id);
        return source ? { payload: source.code } : {};
      },
    },
  };

  return {
    module,
    /** The libraries among a script's requires, with those that they need, that are not in the startup snapshot. */
    namedBy(requests: readonly string[]): LibrarySource[] {
      const ids = new Set<string>();
      const add = (id: string) => {
        if (manifest.preloaded.includes(id) || ids.has(id)) return;
        ids.add(id);
        entryOf(id)?.needs?.forEach(add);
      };
      for (const request of requests) {
        const resolved = resolveModule(request, manifest);
        if (!('missing' in resolved)) add(resolved.id);
      }
      return [...ids].map(sourceOf).filter((source) => source !== undefined);
    },
  };
}
