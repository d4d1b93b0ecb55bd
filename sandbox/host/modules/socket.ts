import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { checkServerIdentity, rootCertificates, type TLSSocket } from 'node:tls';
import * as z from 'zod';
import type { EgressPolicy } from '../egress.ts';
import { egressBlockReason } from '../egress-errors.ts';
import type { Answer, HostModule, OperationScope } from '../operations.ts';
import type { ConnectionSockets } from '../socket-budget.ts';
import { asNodeError } from '../upstream-errors.ts';
import { connectOptions } from '../upstream-tls.ts';
import { createSocketFlow } from './socket-flow.ts';
import { SocketMessage, SocketParams, SocketTls, TlsParams } from './socket-params.ts';
import { connectTls, emitSecure } from './tls-connect.ts';
import { tlsOverGuestStream } from './tls-over-guest-stream.ts';

export interface SocketLimits {
  /** As for HTTP: no driver's own limit is shorter, and a script's deadline is not much longer. */
  connectTimeoutMs: number;
}

const defaultLimits: SocketLimits = { connectTimeoutMs: 10_000 };

export interface SocketModuleOptions {
  policy: EgressPolicy;
  sockets: ConnectionSockets;
  limits?: Partial<SocketLimits>;
}

/**
 * The operations `socket` (TCP, TLS at once or by an upgrade) and `tls` (TLS over a stream of the guest's). Events to
 * the guest: `connect`, `secure`, `data`, `end`, `written`, `finished` (all of it, and the end); the answer means
 * closed. Messages from it: `write`, `end`, `read` (bytes it has read), `noDelay`, `keepAlive`, `tls` (the upgrade).
 */
export function createSocketModule({ policy, sockets, limits }: SocketModuleOptions): HostModule {
  const { connectTimeoutMs } = { ...defaultLimits, ...limits };

  async function socket(
    raw: unknown,
    _bytes: Uint8Array | undefined,
    scope: OperationScope,
  ): Promise<Answer> {
    const params = SocketParams.parse(raw);
    const place = `${params.tls ? 'tls' : 'tcp'} ${params.host}:${params.port}`;
    const started = performance.now();
    /** Of the execution that is under way: a socket lives through several. */
    const traced = { host: params.host, port: params.port, tls: params.tls !== undefined };
    const recording = () => scope.recorder()?.socket(traced, traced);
    recording();
    let tcp: Socket | undefined;
    let tls: TLSSocket | undefined;
    let release: (() => void) | undefined;
    try {
      const address = addressFor(policy, params);
      release = sockets.take();
      if (params.tls) tls = connectTls(params.tls, { address });
      else tcp = connect(address as NetConnectOpts);
    } catch (error) {
      release?.();
      recording()?.end({ error, blocked: egressBlockReason(error) });
      throw refused(error, place, scope);
    }
    const transport = (tls ?? tcp)!;
    transport.once('close', release);
    return new Promise((resolve, reject) => {
      let isOver = false;
      const timer = setTimeout(() => fail(timedOut(params)), connectTimeoutMs);
      const { spendBytes } = scope;
      const flow = createSocketFlow({ scope, spendBytes, recording, onEnd: () => end(), onError: fail });

      function end(error?: Error): void {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        flow.close();
        tls?.destroy();
        tcp?.destroy();
        recording()?.end(error ? { error, blocked: egressBlockReason(error) } : {});
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

      tls?.once('secureConnect', () => onSecure(tls!));
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
          traced.tls = true;
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
          value: error ? nameCheckError(error) : null,
        };
      },
      /** Throws OpenSSL's error for what is no certificate or key. */
      'tls.checkContext'(raw) {
        const { tls } = TlsParams.parse(raw);
        connectOptions(tls);
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

function nameCheckError(error: Error & { code?: string; reason?: string; host?: string }): object {
  const { message, code, reason, host } = error;
  return { message, code, reason, host };
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
