import { join } from 'node:path';
import { bundling, replacing, textOf } from './bundling.ts';
import { restoreClassNames } from './class-names.ts';
import type { Library } from './libraries/library.ts';
import { replacedEverywhere } from './libraries/replaced-everywhere.ts';
import { patching, refusing, sharing, tolerating } from './library-plugins.ts';

const shims = join(import.meta.dirname, 'shims');

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
      refusing(library.refused ?? [], shims),
      patching(library.patches ?? []),
      sharing(id, needs),
      tolerating(library.absent ?? []),
    ],
  });
  const body = restoreClassNames(textOf(result));
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
