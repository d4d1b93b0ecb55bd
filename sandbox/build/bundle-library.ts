import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin } from 'node:module';
import { isAbsolute, join } from 'node:path';
import type { OnResolveArgs, Plugin } from 'esbuild';
import { bundling, ofPackages, replacing, textOf } from './bundling.ts';
import { libraries } from './libraries/index.ts';
import type { Library } from './libraries/library.ts';
import { applyPatch, type Patch } from './libraries/patch.ts';
import { replacedEverywhere } from './libraries/replaced-everywhere.ts';

const shims = join(import.meta.dirname, 'shims');
const require = createRequire(import.meta.url);

export interface LibraryBundle {
  code: string;
  /** Other libraries, by id, that it asks for. */
  needs: string[];
}

/** An npm library as one call of `__drawbridge_define`; it asks for builtins and other libraries by `require`. */
export async function bundleLibrary(library: Library): Promise<LibraryBundle> {
  const { build } = await import('esbuild');
  const id = library.package;
  const replacements = replacementsOf(library);
  const needs = new Set(
    Object.values(replacements).flatMap((to) => /^(?:own|library):(.+)/.exec(to)?.[1] ?? []),
  );
  const result = await build({
    ...bundling,
    stdin: {
      contents: entryOf(library),
      resolveDir: import.meta.dirname,
      sourcefile: `${id}.entry.js`,
      loader: 'js',
    },
    format: 'cjs',
    // An isolate has none: `import()` becomes a require.
    supported: { 'dynamic-import': false },
    // Names matter to messages and to checks of `constructor.name`. esbuild's keepNames would restore them at run time,
    // with a call for each closure that is made: a tenth of what a request of axios takes. `minify` as a whole would
    // shorten them, whatever `minifyIdentifiers` says.
    minify: false,
    minifyWhitespace: true,
    minifySyntax: true,
    platform: 'node',
    ...(library.esm ? { mainFields: ['module', 'main'] } : {}),
    define: { __dirname: '"/"', __filename: JSON.stringify(`/${id}.js`) },
    plugins: [
      replacing(replacements),
      refusing(library.refused ?? []),
      patching(library.patches ?? []),
      sharing(id, needs),
      tolerating(library.absent ?? []),
    ],
  });
  const body = textOf(result);
  const code = `__drawbridge_define(${JSON.stringify(id)}, function (require, module, exports) {${body}\n});0`;
  return { code, needs: [...needs].sort() };
}

function entryOf({ package: id, entry, esm, layer, subpaths = {} }: Library): string {
  const library = `require(${JSON.stringify(id)})`;
  const parts = Object.entries(subpaths).map(
    ([path, request]) => `${JSON.stringify(path)}: () => require(${JSON.stringify(request)}),`,
  );
  return [
    esm
      ? `export * from ${JSON.stringify(id)};`
      : (entry?.() ?? `module.exports = ${layer ? `${layer}(${library})` : library};`),
    ...(parts.length > 0 ? ['module.subpaths = {', ...parts, '};'] : []),
  ].join('\n');
}

function replacementsOf({ replace = {} }: Library): Record<string, string> {
  const place = (to: string) => (to.endsWith('.cjs') ? join(shims, to) : to);
  return Object.fromEntries(
    Object.entries({ ...replacedEverywhere, ...replace }).map(([from, to]) => [from, place(to)]),
  );
}

/** Loads as a module whose members refuse to be used, by name. */
function refusing(packages: readonly string[]): Plugin {
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

function patching(patches: readonly Patch[]): Plugin {
  return {
    name: 'patching',
    setup(build) {
      if (patches.length === 0) return;
      const unused = new Set(patches);
      build.onLoad({ filter: /./, namespace: 'file' }, async ({ path }) => {
        const meant = patches.filter(({ file }) => file.test(path));
        if (meant.length === 0) return undefined;
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
function sharing(bundled: string, needs: Set<string>): Plugin {
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
function tolerating(absent: readonly string[]): Plugin {
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
