import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ModuleTable } from '../contract/modules.ts';
import { bundling, replacing, textOf } from './bundling.ts';

const guestFolder = join(import.meta.dirname, '../guest');
const shims = join(import.meta.dirname, 'shims');
const require = createRequire(import.meta.url);

/** Packages of the runtime's own dependencies whose work the runtime does itself. */
const inTheRuntime: Record<string, string> = {
  'abort-controller': join(shims, 'abort-controller.cjs'),
  'process/': join(shims, 'process.cjs'),
  qs: join(guestFolder, 'modules/querystring.ts'),
  // Its main files look for Node's own streams first, or have Readable where Node has the legacy Stream.
  'readable-stream': require.resolve('readable-stream/lib/stream.js'),
};

/** The runtime, from its entry file, as one script for the startup snapshot. Ends with `;0`. */
export async function bundleRuntime(main: string, table: ModuleTable): Promise<string> {
  const { build } = await import('esbuild');
  const result = await build({
    ...bundling,
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
