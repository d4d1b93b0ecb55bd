import EventEmitter from 'events';
import { notImplemented, stubs } from '../not-implemented.ts';
import { performance } from '../performance.ts';

/** Modules that are there because libraries load them; what they would do is refused by name. */

function absentClass(name: string) {
  return class extends EventEmitter {
    constructor() {
      super();
      throw notImplemented(name);
    }
  };
}

export const childProcess = {
  ...stubs('child_process', 'exec execFile execFileSync execSync fork spawn spawnSync'),
  ChildProcess: absentClass('child_process.ChildProcess'),
};

export const cluster = Object.assign(new EventEmitter(), {
  ...stubs('cluster', 'fork disconnect setupMaster setupPrimary'),
  isMaster: true,
  isPrimary: true,
  isWorker: false,
  workers: {},
});

export const dgram = { ...stubs('dgram', 'createSocket'), Socket: absentClass('dgram.Socket') };

export const domain = {
  ...stubs('domain', 'create createDomain'),
  active: null,
  Domain: absentClass('domain.Domain'),
};

export const workerThreads = {
  isMainThread: true,
  parentPort: null,
  workerData: null,
  threadId: 0,
  Worker: absentClass('worker_threads.Worker'),
  MessageChannel: absentClass('worker_threads.MessageChannel'),
  MessagePort: absentClass('worker_threads.MessagePort'),
  BroadcastChannel: absentClass('worker_threads.BroadcastChannel'),
};

export const vm = {
  ...stubs('vm', 'compileFunction createContext measureMemory runInContext runInNewContext runInThisContext'),
  isContext: () => false,
  Script: absentClass('vm.Script'),
};

export const v8 = stubs(
  'v8',
  `cachedDataVersionTag deserialize getHeapSnapshot getHeapSpaceStatistics getHeapStatistics serialize
   setFlagsFromString writeHeapSnapshot`,
);

export const readline = {
  ...stubs('readline', 'clearLine clearScreenDown createInterface cursorTo emitKeypressEvents moveCursor'),
  Interface: absentClass('readline.Interface'),
};

export const inspector = {
  ...stubs('inspector', 'open waitForDebugger'),
  close(): void {},
  url: () => undefined,
  Session: absentClass('inspector.Session'),
};

export const http2 = {
  ...stubs('http2', 'connect createServer createSecureServer getDefaultSettings getPackedSettings'),
  constants: {
    HTTP2_HEADER_SCHEME: ':scheme',
    HTTP2_HEADER_METHOD: ':method',
    HTTP2_HEADER_PATH: ':path',
    HTTP2_HEADER_AUTHORITY: ':authority',
    HTTP2_HEADER_STATUS: ':status',
    NGHTTP2_CANCEL: 8,
  },
  Http2ServerRequest: absentClass('http2.Http2ServerRequest'),
  Http2ServerResponse: absentClass('http2.Http2ServerResponse'),
};

export const tty = {
  isatty: () => false,
  ReadStream: absentClass('tty.ReadStream'),
  WriteStream: absentClass('tty.WriteStream'),
};

export const nodeModule = {
  ...stubs('module', 'createRequire register registerHooks findSourceMap syncBuiltinESMExports'),
  builtinModules: [],
  isBuiltin: () => false,
};

export const perfHooks = {
  performance,
  constants: {},
  PerformanceObserver: Object.assign(
    class {
      observe(): void {}
      disconnect(): void {}
    },
    { supportedEntryTypes: [] },
  ),
  monitorEventLoopDelay: stubs('perf_hooks', 'monitorEventLoopDelay').monitorEventLoopDelay,
};
