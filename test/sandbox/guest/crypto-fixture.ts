import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as NodeZlib from 'node:zlib';
import type NpmBcrypt from 'bcrypt';
import type NpmBcryptjs from 'bcryptjs';
import { build, type Plugin } from 'esbuild';
import { bcryptModule } from '../../../sandbox/host/modules/bcrypt.ts';
import { cryptoModule } from '../../../sandbox/host/modules/crypto.ts';
import { zlibModule } from '../../../sandbox/host/modules/zlib.ts';
import { errorOnTheWire, type HostModule, type Payload } from '../../../sandbox/host/operations.ts';
import { scopeWith } from '../host/operation-scope.ts';

const require = createRequire(import.meta.url);
const guest = join(import.meta.dirname, '../../../sandbox/guest');

const entry = `
export { connectBridge, deliver, operationsUnderWay } from '${guest}/bridge.ts';
export { Buffer } from 'buffer';
export { bcrypt } from '${guest}/modules/bcrypt.ts';
export { crypto } from '${guest}/modules/crypto.ts';
export { webcrypto } from '${guest}/modules/webcrypto.ts';
export { zlib } from '${guest}/modules/zlib.ts';
export { default as jsonwebtoken } from 'jsonwebtoken';
export { default as bcryptjs } from 'bcryptjs';
`;

/** The packages behind the guest's builtins in the place of Node's own modules. */
const inTheGuest: Record<string, string> = {
  buffer: require.resolve('buffer/'),
  events: require.resolve('events/'),
  'process/': require.resolve('../../../sandbox/build/shims/process.cjs'),
  // Node's `stream` is the legacy constructor, from which jws inherits; readable-stream's main file is Readable.
  stream: require.resolve('readable-stream/lib/stream.js'),
  'readable-stream': require.resolve('readable-stream/lib/ours/browser.js'),
  string_decoder: require.resolve('string_decoder/'),
  util: require.resolve('util/'),
};

const asInTheGuest: Plugin = {
  name: 'as-in-the-guest',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path }) => (inTheGuest[path] ? { path: inTheGuest[path] } : undefined));
    onResolve({ filter: /^crypto$/ }, () => ({ path: 'crypto', namespace: 'guest' }));
    onLoad({ filter: /.*/, namespace: 'guest' }, () => ({
      contents: `module.exports = require('${guest}/modules/crypto.ts').crypto;`,
      resolveDir: guest,
    }));
  },
};

export interface GuestCrypto {
  crypto: typeof import('node:crypto');
  webcrypto: import('node:crypto').webcrypto.Crypto;
  zlib: typeof NodeZlib;
  bcrypt: typeof NpmBcrypt;
  bcryptjs: typeof NpmBcryptjs;
  // biome-ignore lint/suspicious/noExplicitAny: the package has no types
  jsonwebtoken: any;
  Buffer: BufferConstructor;
  operationsUnderWay(): number;
  /** Crossings since the last call of it. */
  takeCalls(): string[];
  /** Lines of the console since the last call of it: `level text`. */
  takeConsole(): string[];
}

type Deliver = (id: number, type: string, json: string, payload?: string | ArrayBuffer) => void;
type Connect = (
  sync: (op: string, json: string, bytes?: ArrayBuffer) => [string, (string | ArrayBuffer | undefined)?],
  post: (kind: string, id: number, json: string, bytes?: ArrayBuffer) => void,
) => void;

/** The guest's modules, bundled as for an isolate, over a bridge to the host's modules in this process. */
export async function loadGuestCrypto(): Promise<GuestCrypto> {
  const bundle = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    plugins: [asInTheGuest],
  });
  const module = { exports: {} as GuestCrypto & { connectBridge: Connect; deliver: Deliver } };
  const noBuiltins = (name: string) => {
    throw new Error(`${name} is not part of the guest`);
  };
  new Function('module', 'exports', 'require', bundle.outputFiles[0]!.text)(
    module,
    module.exports,
    noBuiltins,
  );
  const { connectBridge, deliver, ...modules } = module.exports;
  const calls: string[] = [];
  const lines: string[] = [];
  connectInProcess(connectBridge, deliver, calls, lines);
  return { ...modules, takeCalls: () => calls.splice(0), takeConsole: () => lines.splice(0) };
}

function connectInProcess(connect: Connect, deliver: Deliver, calls: string[], lines: string[]): void {
  const host: HostModule[] = [cryptoModule, zlibModule, bcryptModule];
  const sync: HostModule['sync'] = Object.assign({}, ...host.map((module) => module.sync));
  const async: HostModule['async'] = Object.assign({}, ...host.map((module) => module.async));
  const running = new Map<number, AbortController>();

  connect(
    (op, json, bytes) => {
      calls.push(op);
      try {
        const { value, payload } = sync![op]!(JSON.parse(json), bytes && new Uint8Array(bytes));
        return [JSON.stringify({ ok: true, value }), own(payload)];
      } catch (error) {
        return [JSON.stringify({ ok: false, error: errorOnTheWire(error) })];
      }
    },
    (kind, id, json, bytes) => {
      if (kind === 'console') {
        const { level, text } = JSON.parse(json);
        return lines.push(`${level} ${text}`);
      }
      calls.push(kind);
      if (kind === '-') return running.get(id)?.abort(new Error('cancelled'));
      const controller = new AbortController();
      running.set(id, controller);
      const scope = scopeWith({
        signal: controller.signal,
      });
      async![kind.slice(1)]!(JSON.parse(json), bytes && new Uint8Array(bytes), scope)
        .then(
          ({ value, payload }) =>
            () =>
              deliver(id, 'done', value === undefined ? '' : JSON.stringify(value), own(payload)),
          (error) => () => deliver(id, 'failed', JSON.stringify(errorOnTheWire(error))),
        )
        // A turn of its own, so that a throw in the script's callback is not this chain's.
        .then((answer) => setImmediate(answer));
    },
  );
}

function own(payload: Payload | undefined): string | ArrayBuffer | undefined {
  if (payload === undefined || typeof payload === 'string') return payload;
  return Uint8Array.from(payload).buffer;
}
