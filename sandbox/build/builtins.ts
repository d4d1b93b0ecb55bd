import type { ModuleEntry } from '../contract/modules.ts';

/** The modules that are part of the runtime; sandbox/guest/modules/index.ts has one factory for each. */
const builtinNames = [
  'assert',
  'assert/strict',
  'async_hooks',
  'bcrypt',
  'buffer',
  'child_process',
  'cluster',
  'console',
  'constants',
  'crypto',
  'dgram',
  'diagnostics_channel',
  'dns',
  'dns/promises',
  'domain',
  'events',
  'fs',
  'fs/promises',
  'http',
  'http2',
  'https',
  'inspector',
  'module',
  'net',
  'os',
  'path',
  'path/posix',
  'perf_hooks',
  'process',
  'punycode',
  'querystring',
  'readline',
  'stream',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'timers',
  'timers/promises',
  'tls',
  'tty',
  'url',
  'util',
  'util/types',
  'v8',
  'vm',
  'worker_threads',
  'zlib',
] as const;

const aliasesOf: Record<string, string[]> = { util: ['sys'] };

/** `versionOf` answers the version of those that stand for an npm package; the others have Node's. */
export function builtinModules(versionOf: (name: string) => string | undefined): ModuleEntry[] {
  return builtinNames.map((name) => ({
    id: name,
    name,
    version: versionOf(name) ?? process.versions.node,
    kind: 'builtin',
    aliases: aliasesOf[name] ?? [],
  }));
}
