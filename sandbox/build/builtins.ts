import type { ModuleEntry } from '../contract/modules.ts';

/**
 * The modules that are part of the runtime, with what of them is not there, for the docs;
 * sandbox/guest/modules/index.ts has one factory for each.
 */
const absentOf = {
  assert: '',
  'assert/strict': '',
  async_hooks: 'hooks: `createHook` never calls',
  bcrypt: '',
  buffer: '',
  child_process: 'everything',
  cluster: 'workers',
  console: '',
  constants: '',
  crypto: '`Certificate`, primes, `encapsulate`, engines',
  dgram: 'everything',
  diagnostics_channel: '',
  dns: '`reverse`, `lookupService`, `resolveAny`, `resolvePtr`, `resolveSoa`, `resolveNaptr`, `resolveCaa`',
  'dns/promises': 'as `dns`',
  domain: 'everything',
  events: '',
  fs: 'everything: there are no files',
  'fs/promises': 'everything',
  http: 'servers; agents that make their own sockets',
  http2: 'everything',
  https: 'servers',
  inspector: 'everything',
  module: 'everything',
  net: 'servers, local sockets, `BlockList`',
  os: 'facts of the machine: the answers are the same everywhere',
  path: '',
  'path/posix': '',
  perf_hooks: 'observers',
  process: 'the machine and its environment; `exit`, `kill`, `chdir`',
  punycode: '',
  querystring: '',
  readline: 'everything',
  stream: '',
  'stream/promises': '',
  'stream/web': '',
  string_decoder: '',
  timers: '',
  'timers/promises': '',
  tls: 'servers, sessions, `getCiphers`',
  tty: 'terminals',
  url: '',
  util: '',
  'util/types': '',
  v8: 'everything',
  vm: 'everything',
  worker_threads: 'workers and message channels',
  zlib: '',
} as const satisfies Record<string, string>;

const aliasesOf: Record<string, string[]> = { util: ['sys'] };

export const builtins: readonly { name: string; aliases: string[]; absent: string }[] = Object.entries(
  absentOf,
).map(([name, absent]) => ({ name, aliases: aliasesOf[name] ?? [], absent }));

/** `versionOf` answers the version of those that stand for an npm package; the others have Node's. */
export function builtinModules(versionOf: (name: string) => string | undefined): ModuleEntry[] {
  return builtins.map(({ name, aliases }) => ({
    id: name,
    name,
    version: versionOf(name) ?? process.versions.node,
    kind: 'builtin',
    aliases,
  }));
}
