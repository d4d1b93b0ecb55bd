import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Manifest } from '../build/read-guest-build.ts';
import { resolveModule } from '../contract/modules.ts';
import type { CodeCache } from './isolate.ts';
import type { HostModule } from './operations.ts';

export interface LibrarySource {
  name: string;
  code: string;
  codeCache: CodeCache;
}

/** The sources of the libraries on board, read when first asked for and kept for all isolates of the process. */
export function createLibraries(guestDirectory: string, manifest: Manifest) {
  const sources = new Map<string, LibrarySource>();

  function sourceOf(name: string): LibrarySource | undefined {
    const known = sources.get(name);
    if (known) return known;
    const entry = manifest.modules.find((module) => module.name === name && module.kind === 'library');
    if (!entry?.file) return undefined;
    const source = { name, code: readFileSync(join(guestDirectory, entry.file), 'utf8'), codeCache: {} };
    sources.set(name, source);
    return source;
  }

  const Params = z.object({ name: z.string() });
  const module: HostModule = {
    sync: {
      library(params) {
        const source = sourceOf(Params.parse(params).name);
        return source ? { payload: source.code } : {};
      },
    },
  };

  return {
    module,
    /** The libraries among a script's requires that are not in the startup snapshot already. */
    namedBy(requests: readonly string[]): LibrarySource[] {
      const names = new Set<string>();
      for (const request of requests) {
        const resolved = resolveModule(request, manifest);
        if (!('missing' in resolved) && !manifest.preloaded.includes(resolved.name)) names.add(resolved.name);
      }
      return [...names].map(sourceOf).filter((source) => source !== undefined);
    },
  };
}
