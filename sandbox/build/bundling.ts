import type { BuildOptions, Plugin } from 'esbuild';

/** What the runtime's bundle and the libraries' have in common. */
export const bundling = {
  bundle: true,
  minify: true,
  write: false,
  legalComments: 'none',
  logLevel: 'silent',
  target: 'node24',
  charset: 'utf8',
} as const satisfies BuildOptions;

let users = 0;

/** esbuild's process idles beside whoever has used it, and whoever ends it ends the builds of others: the last one does. */
export async function usingEsbuild<Result>(work: () => Promise<Result>): Promise<Result> {
  users++;
  try {
    return await work();
  } finally {
    users--;
    const { stop } = await import('esbuild');
    if (users === 0) await stop();
  }
}

/** Requests that are not relative; what a plugin looks at. */
export const ofPackages = /^[^.]/;

/** `to`: an absolute file; or what is left to the guest's registry, as it is. */
export function replacing(replacements: Record<string, string>): Plugin {
  return {
    name: 'replacing',
    setup(build) {
      build.onResolve({ filter: ofPackages }, ({ path, importer }) => {
        const to = replacements[path];
        if (to === undefined || importer === to) return undefined;
        return to.startsWith('/') ? { path: to } : { path: to, external: true };
      });
    },
  };
}

export function textOf(result: { outputFiles?: { text: string }[] }): string {
  const file = result.outputFiles?.[0];
  if (!file) throw new Error('esbuild wrote nothing');
  return file.text;
}
