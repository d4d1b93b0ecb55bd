import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createHttpModule, type HttpLimits } from '../../../sandbox/host/modules/http.ts';
import { type Answer, errorOnTheWire } from '../../../sandbox/host/operations.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import { createNetworkUpstream } from '../../../sandbox/host/upstream.ts';
import { scopeWith } from '../host/operation-scope.ts';

// biome-ignore lint/suspicious/noExplicitAny: guest modules are typed in their own zone, without Node's types
type Guest = any;

/** The guest's code in this process, its bridge tied to a host module over the loopback network. */
export async function connectGuest(options: { allow?: string[]; limits?: Partial<HttpLimits> } = {}) {
  // By computed paths: the test zone's types are Node's, the guest's are not.
  const guest = (file: string): Promise<Guest> =>
    import(new URL(`../../../sandbox/guest/${file}`, import.meta.url).href);
  const { connectBridge, deliver } = await guest('bridge.ts');
  const upstream = createNetworkUpstream({
    sockets: createSocketBudget().of('acme'),
    policy: createEgressPolicy({ allow: options.allow ?? ['127.0.0.1'] }),
  });
  const http = createHttpModule({ upstream, ...(options.limits ? { limits: options.limits } : {}) }).async!
    .http!;
  const running = new Map<number, { abort(): void; hear(type: string, value: unknown): void }>();
  const log: string[] = [];
  let operations = 0;

  function start(id: number, params: unknown, bytes: Uint8Array | undefined): void {
    operations++;
    const controller = new AbortController();
    let hear: (type: string, value: unknown, bytes: undefined) => void = () => {};
    const scope = scopeWith({
      signal: controller.signal,
      emit: (type, value, payload) => send(type, value, payload),
      onMessage: (listener) => {
        hear = listener;
      },
      log: (event, level, text) => log.push(`${event} ${level} ${text}`),
    });
    const send = (type: string, value: unknown, payload?: Answer['payload']) => {
      const crossing = payload instanceof Uint8Array ? new Uint8Array(payload).buffer : payload;
      deliver(id, type, value === undefined ? '' : JSON.stringify(value), crossing);
    };
    running.set(id, { abort: () => controller.abort(), hear: (type, value) => hear(type, value, undefined) });
    http(params, bytes, scope)
      .then(
        ({ value, payload }) => send('done', value ?? null, payload),
        (error) => send('failed', errorOnTheWire(error)),
      )
      .finally(() => running.delete(id));
  }

  connectBridge(
    () => ['{"ok":true}'],
    (kind: string, id: number, json: string, bytes?: ArrayBuffer) => {
      const value = json === '' ? undefined : JSON.parse(json);
      queueMicrotask(() => {
        if (kind === '+http') start(id, value, bytes && new Uint8Array(bytes));
        else if (kind === '-') running.get(id)?.abort();
        else if (kind.startsWith('>')) running.get(id)?.hear(kind.slice(1), value);
      });
    },
  );

  return {
    guest,
    log,
    operations: () => operations,
    close: () => upstream.close(),
  };
}

const nodeRequire = createRequire(import.meta.url);

/** A library as the guest has it: bundled, its `http` and `https` the guest's. */
export async function loadLibrary(name: string, guest: (file: string) => Promise<Guest>): Promise<Guest> {
  const { http } = await guest('modules/http.ts');
  const { https } = await guest('modules/https.ts');
  const bundle = await build({
    stdin: { contents: `module.exports = require(${JSON.stringify(name)})`, resolveDir: import.meta.dirname },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    logLevel: 'silent',
  });
  const replaced: Record<string, unknown> = { http, https };
  const require = (request: string) => replaced[request.replace('node:', '')] ?? nodeRequire(request);
  const module: { exports: Guest } = { exports: {} };
  runInThisContext(`(function (require, module, exports) {${bundle.outputFiles[0]!.text}\n})`)(
    require,
    module,
    module.exports,
  );
  return module.exports;
}
