import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import type { OnResolveArgs, Plugin } from 'esbuild';
import { ofPackages } from './bundling.ts';
import { libraries } from './libraries/index.ts';
import { applyPatch, type Patch } from './libraries/patch.ts';

/** What becomes of a library's own requests and files on their way into its bundle. */

const require = createRequire(import.meta.url);

/** Loads as a module whose members refuse to be used, by name. */
export function refusing(packages: readonly string[], shims: string): Plugin {
  return {
    name: 'refusing',
    setup(build) {
      build.onResolve({ filter: ofPackages }, ({ path }) =>
        packages.includes(path) ? { path, namespace: 'refused' } : undefined,
      );
      build.onLoad({ filter: /./, namespace: 'refused' }, ({ path }) => ({
        contents: `module.exports = require('./refused.cjs')(${JSON.stringify(path)});`,
        resolveDir: shims,
      }));
    },
  };
}

export function patching(patches: readonly Patch[]): Plugin {
  return {
    name: 'patching',
    setup(build) {
      if (patches.length === 0) return;
      const unused = new Set(patches);
      const filter = new RegExp(patches.map(({ file }) => file.source).join('|'));
      build.onLoad({ filter, namespace: 'file' }, async ({ path }) => {
        const meant = patches.filter(({ file }) => file.test(path));
        for (const patch of meant) unused.delete(patch);
        return { contents: meant.reduce(applyPatch, await readFile(path, 'utf8')) };
      });
      build.onEnd(() => {
        if (unused.size > 0) throw new Error(`No file ${[...unused][0]?.file} is in the bundle`);
      });
    },
  };
}

/** A library that another one has as its dependency is asked for, where it is the very version on board. */
export function sharing(bundled: string, needs: Set<string>): Plugin {
  const idOfFile = new Map(
    libraries.flatMap(({ package: id, version }) => (version ? [] : [[require.resolve(id), id]])),
  );
  return {
    name: 'sharing',
    setup(build) {
      build.onResolve({ filter: ofPackages }, (args) => {
        if (isBuiltin(args.path) || isAbsolute(args.path)) return undefined;
        const id = idOfFile.get(resolvedFrom(args) ?? '');
        if (id === undefined || id === bundled) return undefined;
        needs.add(id);
        return { path: `library:${id}`, external: true };
      });
    },
  };
}

/** What is not installed is an optional dependency: the library gets MODULE_NOT_FOUND and does without. */
export function tolerating(absent: readonly string[]): Plugin {
  return {
    name: 'tolerating',
    setup(build) {
      build.onResolve({ filter: ofPackages }, (args) => {
        if (absent.includes(args.path)) return { path: args.path, external: true };
        if (args.kind !== 'require-call' || isBuiltin(args.path)) return undefined;
        return resolvedFrom(args) === undefined ? { path: args.path, external: true } : undefined;
      });
    },
  };
}

function resolvedFrom(args: OnResolveArgs): string | undefined {
  try {
    return createRequire(join(args.resolveDir, 'importer.cjs')).resolve(args.path);
  } catch {
    return undefined;
  }
}
