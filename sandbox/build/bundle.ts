import { createRequire, isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions, OnResolveArgs, Plugin } from 'esbuild';
import type { ModuleTable } from '../contract/modules.ts';
import { type Library, libraries, replacedEverywhere } from './libraries.ts';

const buildFolder = import.meta.dirname;
const guestFolder = join(buildFolder, '../guest');
const require = createRequire(import.meta.url);

const common = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: 'none',
  logLevel: 'silent',
  target: 'node24',
  charset: 'utf8',
} as const satisfies BuildOptions;

/** Packages of the runtime's own dependencies whose work the runtime does itself. */
const inTheRuntime: Record<string, string> = {
  'abort-controller': join(buildFolder, 'shims/abort-controller.cjs'),
  'process/': join(buildFolder, 'shims/process.cjs'),
  qs: join(guestFolder, 'modules/querystring.ts'),
  // Its main files look for Node's own streams first, or have Readable where Node has the legacy Stream.
  'readable-stream': require.resolve('readable-stream/lib/stream.js'),
};

/** The runtime, from its entry file, as one script for the startup snapshot. Ends with `;0`. */
export async function bundleRuntime(main: string, table: ModuleTable): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    ...common,
    entryPoints: [main],
    format: 'iife',
    platform: 'neutral',
    // Not `browser`: what packages keep there expects a browser's globals, and V8 alone has none.
    mainFields: ['module', 'main'],
    define: {
      __DRAWBRIDGE_MODULES__: JSON.stringify(table),
      'process.env.NODE_ENV': '"production"',
      global: 'globalThis',
    },
    plugins: [replacing(inTheRuntime)],
  });
  // The completion value of a script keeps its context alive, so it must not be an object.
  return `${textOf(result)};0`;
}

/** An npm library as one call of `__drawbridge_define`; it asks for builtins and other libraries by `require`. */
export async function bundleLibrary(library: Library): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    ...common,
    stdin: {
      contents: library.entry ?? `module.exports = require(${JSON.stringify(library.name)});`,
      resolveDir: buildFolder,
      sourcefile: `${library.name}.entry.cjs`,
      loader: 'js',
    },
    format: 'cjs',
    // Names matter to messages and to checks of `constructor.name`. esbuild's keepNames would restore them at run time,
    // with a call for each closure that is made: a tenth of what a request of axios takes.
    minifyIdentifiers: false,
    platform: 'node',
    plugins: [replacing(replacementsOf(library)), sharing(library.name), tolerating()],
  });
  const body = textOf(result);
  return `__drawbridge_define(${JSON.stringify(library.name)}, function (require, module, exports) {${body}\n});0`;
}

function replacementsOf({ replace = {} }: Library): Record<string, string> {
  const absolute = (to: string) => (to.startsWith('private:') ? to : join(buildFolder, to));
  return Object.fromEntries(
    Object.entries({ ...replacedEverywhere, ...replace }).map(([from, to]) => [from, absolute(to)]),
  );
}

function textOf(result: { outputFiles?: { text: string }[] }): string {
  const file = result.outputFiles?.[0];
  if (!file) throw new Error('esbuild wrote nothing');
  return file.text;
}

/** `to`: an absolute file; or `private:name`, which is left to the registry. */
function replacing(replacements: Record<string, string>): Plugin {
  return {
    name: 'replacing',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, (args) => {
        const to = replacements[args.path];
        if (to === undefined || args.importer === to) return undefined;
        return to.startsWith('private:') ? { path: to, external: true } : { path: to };
      });
    },
  };
}

/** A library that another one has as its dependency is asked for, where it is the very version on board. */
function sharing(bundled: string): Plugin {
  const own = new Set(libraries.map(({ name }) => name));
  return {
    name: 'sharing',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, (args) => {
        if (args.path === bundled || !own.has(args.path)) return undefined;
        return resolvedFrom(args) === require.resolve(args.path)
          ? { path: args.path, external: true }
          : undefined;
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

/** What is not installed is an optional dependency: the library gets MODULE_NOT_FOUND and does without. */
function tolerating(): Plugin {
  return {
    name: 'tolerating',
    setup(build) {
      build.onResolve({ filter: /^[^.]/ }, (args) => {
        if (args.kind !== 'require-call' || isBuiltin(args.path)) return undefined;
        return resolvedFrom(args) === undefined ? { path: args.path, external: true } : undefined;
      });
    },
  };
}
