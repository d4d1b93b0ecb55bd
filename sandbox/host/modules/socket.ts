import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { checkServerIdentity, createSecureContext, rootCertificates, type TLSSocket } from 'node:tls';
import { z } from 'zod';
import { type EgressPolicy, egressBlockReason } from '../egress.ts';
import type { Answer, HostModule, OperationScope } from '../operations.ts';
import { asNodeError } from '../upstream-errors.ts';
import { createSocketFlow, type SocketFlow } from './socket-flow.ts';
import { SocketMessage, SocketParams, SocketTls, TlsParams } from './socket-params.ts';
import { connectTls, emitSecure } from './tls-connect.ts';

/** As for HTTP: no driver's own limit is shorter, and a script's deadline is not much longer. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The operations `socket` (TCP, TLS at once or by an upgrade) and `tls` (TLS over a stream of the guest's). Events to
 * the guest: `connect`, `secure`, `data`, `end`, `written`, for `tls` also `wire`; the answer means closed. Messages
 * from it: `write`, `end`, `read` (bytes it has read), `noDelay`, `keepAlive`, `tls` (the upgrade), `wire`.
 */
export function createSocketModule({ policy }: { policy: EgressPolicy }): HostModule {
  async function socket(
    raw: unknown,
    _bytes: Uint8Array | undefined,
    scope: OperationScope,
  ): Promise<Answer> {
    const params = SocketParams.parse(raw);
    const place = `${params.tls ? 'tls' : 'tcp'} ${params.host}:${params.port}`;
    const started = performance.now();
    let address: object;
    try {
      address = addressFor(policy, params);
    } catch (error) {
      throw refused(error, place, scope);
    }
    return new Promise((resolve, reject) => {
      let tcp: Socket | undefined;
      let tls: TLSSocket | undefined;
      let isOver = false;
      const timer = setTimeout(() => fail(timedOut(params)), CONNECT_TIMEOUT_MS);
      const flow = createSocketFlow({ scope, onEnd: () => end(), onError: fail });

      function end(error?: Error): void {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        flow.close();
        tls?.destroy();
        tcp?.destroy();
        if (error) reject(error);
        else resolve({});
      }
      function fail(error: Error): void {
        if (!isOver) end(refused(asNodeError(error, { ...params, headArrived: false }), place, scope));
      }
      function onSecure(secured: TLSSocket): void {
        clearTimeout(timer);
        flow.opened();
        emitSecure(secured, scope);
      }

      if (params.tls) {
        tls = connectTls(params.tls, { address });
        tls.once('secureConnect', () => onSecure(tls!));
      } else {
        tcp = connect(address as NetConnectOpts);
      }
      const transport = tls ?? tcp!;
      transport.once('connect', () => {
        scope.emit('connect', endpoints(transport));
        scope.log('upstream', 'debug', `${place} connected ${Math.round(performance.now() - started)} ms`);
        if (tls) return;
        clearTimeout(timer);
        flow.opened();
      });
      transport.once('close', () => end());
      flow.bind(transport);

      scope.onMessage((type, value, bytes) => {
        if (type === 'tls' && tcp && !tls) {
          flow.opening();
          tls = connectTls(SocketTls.parse(value), { socket: tcp });
          flow.bind(tls);
          tls.once('secureConnect', () => onSecure(tls!));
          tls.once('close', () => end());
          return;
        }
        if (type === 'noDelay') return void transport.setNoDelay(SocketMessage.noDelay.parse(value));
        if (type === 'keepAlive') {
          const { enable, delayMs } = SocketMessage.keepAlive.parse(value);
          return void transport.setKeepAlive(enable, delayMs);
        }
        flow.receive(type, value, bytes);
      });
    });
  }

  return {
    sync: {
      'tls.checkServerIdentity'(raw) {
        const { host, certificate } = NameCheck.parse(raw);
        const error = checkServerIdentity(host, certificate as never);
        return {
          value: error ? { message: error.message, code: (error as NodeJS.ErrnoException).code } : null,
        };
      },
      /** Throws OpenSSL's error for what is no certificate or key. */
      'tls.checkContext'(raw) {
        const { tls } = TlsParams.parse(raw);
        createSecureContext(tls as Parameters<typeof createSecureContext>[0]);
        return {};
      },
      'tls.rootCertificates': () => ({ value: rootCertificates }),
    },
    async: { socket, tls: tlsOverGuestStream },
  };
}

const NameCheck = z.object({
  host: z.string(),
  certificate: z.object({
    subject: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
    subjectaltname: z.string().optional(),
  }),
});

/** What goes over the wire is handed to the guest, which has the stream: TDS packs a handshake into its own packets. */
async function tlsOverGuestStream(
  raw: unknown,
  _bytes: Uint8Array | undefined,
  scope: OperationScope,
): Promise<Answer> {
  const { tls: params } = TlsParams.parse(raw);
  return new Promise((resolve, reject) => {
    let tls: TLSSocket | undefined;
    let isOver = false;
    const flow: SocketFlow = createSocketFlow({ scope, onEnd: () => end(), onError: end });
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, callback) {
        scope.emit('wire', undefined, chunk);
        callback();
      },
      final(callback) {
        scope.emit('wireEnd');
        callback();
      },
    });

    function end(error?: Error): void {
      if (isOver) return;
      isOver = true;
      flow.close();
      tls?.destroy();
      wire.destroy();
      if (error) reject(error);
      else resolve({});
    }

    tls = connectTls(params, { socket: wire });
    tls.once('secureConnect', () => {
      flow.opened();
      emitSecure(tls!, scope);
    });
    tls.once('close', () => end());
    flow.bind(tls);
    scope.onMessage((type, value, bytes) => {
      if (type === 'wire') wire.push(bytes ?? null);
      else flow.receive(type, value, bytes);
    });
  });
}

function addressFor(policy: EgressPolicy, params: SocketParams): object {
  const { host, port, family, noDelay, keepAliveMs } = params;
  return {
    ...policy.socketOptions(host, port),
    ...(family ? { family } : {}),
    ...(noDelay ? { noDelay } : {}),
    ...(keepAliveMs === undefined ? {} : { keepAlive: true, keepAliveInitialDelay: keepAliveMs }),
    // The guest ends its half when it wants to.
    allowHalfOpen: true,
  };
}

function endpoints({ remoteAddress, remotePort, remoteFamily, localAddress, localPort }: Socket) {
  return { remoteAddress, remotePort, remoteFamily, localAddress, localPort };
}

function refused(error: unknown, place: string, scope: OperationScope): Error {
  const blocked = egressBlockReason(error);
  if (blocked) scope.log('egress_blocked', 'warn', `${place}: ${blocked}`);
  else scope.log('upstream', 'debug', `${place} ${(error as NodeJS.ErrnoException).code ?? 'failed'}`);
  return error as Error;
}

function timedOut({ host, port }: SocketParams): Error {
  return Object.assign(new Error(`connect ETIMEDOUT ${host}:${port}`), {
    code: 'ETIMEDOUT',
    errno: -110,
    syscall: 'connect',
    address: host,
    port,
  });
}
