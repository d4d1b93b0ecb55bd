import EventEmitter from 'events';
import { writeLine } from './console-line.ts';
import { type Environment, environment, replaceEnvironment } from './environment.ts';
import { hostVersions } from './host-info.ts';
import { nextTick } from './next-tick.ts';
import { notImplemented } from './not-implemented.ts';
import { performance } from './performance.ts';

/** `process` as scripts and libraries look at it. Nothing in it is the host's but the version numbers. */

const NS_PER_MS = 1_000_000;

function hrtime(since?: [number, number]): [number, number] {
  const ms = performance.now();
  const seconds = Math.floor(ms / 1000) - (since?.[0] ?? 0);
  const nanoseconds = Math.round((ms % 1000) * NS_PER_MS) - (since?.[1] ?? 0);
  return nanoseconds < 0 ? [seconds - 1, nanoseconds + 1000 * NS_PER_MS] : [seconds, nanoseconds];
}
hrtime.bigint = () => BigInt(performance.now()) * BigInt(NS_PER_MS);

/** Whole writes are lines of the console; there is no stream behind it. */
function outputStream(fd: number, level: 'info' | 'error') {
  return Object.assign(new EventEmitter(), {
    fd,
    isTTY: false,
    writable: true,
    write(text: unknown): boolean {
      writeLine(level, String(text).replace(/\n$/, ''));
      return true;
    },
    end(): void {},
  });
}

const refusing = (name: string) => () => {
  throw notImplemented(`process.${name}`);
};

const members = {
  title: 'node',
  platform: 'linux',
  arch: 'x64',
  pid: 1,
  ppid: 0,
  argv: ['node'],
  argv0: 'node',
  execArgv: [],
  execPath: 'node',
  exitCode: undefined,
  config: {},
  features: {},
  release: { name: 'node' },
  noDeprecation: true,
  stdout: outputStream(1, 'info'),
  stderr: outputStream(2, 'error'),
  stdin: Object.assign(new EventEmitter(), { fd: 0, isTTY: false, readable: false }),
  nextTick,
  hrtime,
  uptime: () => performance.now() / 1000,
  cwd: () => '/',
  umask: () => 0o022,
  memoryUsage: Object.assign(() => ({ rss: 0, heapTotal: 0, heapUsed: 0, external: 0, arrayBuffers: 0 }), {
    rss: () => 0,
  }),
  cpuUsage: () => ({ user: 0, system: 0 }),
  emitWarning(warning: unknown): void {
    writeLine('warn', String(warning));
  },
  abort: refusing('abort'),
  exit: refusing('exit'),
  kill: refusing('kill'),
  chdir: refusing('chdir'),
  dlopen: refusing('dlopen'),
  binding: refusing('binding'),
};

export const process: Record<string | symbol, unknown> & typeof members & { env: Environment } =
  Object.assign(Object.create(EventEmitter.prototype), members);
EventEmitter.call(process as never);

Object.defineProperties(process, {
  env: { get: environment, set: replaceEnvironment, enumerable: true, configurable: true },
  version: { get: () => `v${hostVersions().node}`, enumerable: true },
  versions: { get: () => hostVersions(), enumerable: true },
  [Symbol.toStringTag]: { value: 'process' },
});
