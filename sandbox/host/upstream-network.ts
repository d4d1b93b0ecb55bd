import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, Pool } from 'undici';
import type { UpstreamTls } from '../contract/upstream-tls.ts';
import type { EgressPolicy } from './egress.ts';
import type { ConnectionSockets } from './socket-budget.ts';
import { createPushedBody } from './upstream-body.ts';
import { placeOf, type Upstream, type UpstreamRequest, type UpstreamResponse } from './upstream-contract.ts';
import { asNodeError, requestAborted, tooManyHeads } from './upstream-errors.ts';
import { connectOptions } from './upstream-tls.ts';

export interface NetworkLimits {
  /** Milliseconds for TCP and TLS together. */
  connectTimeoutMs: number;
  /** Bytes of a response's header. */
  headerBytes: number;
  /** Sockets to one origin; further requests wait for one of them. */
  socketsPerOrigin: number;
  /** Milliseconds that an unused socket is kept. */
  keepAliveMs: number;
}

export const defaultNetworkLimits: NetworkLimits = {
  connectTimeoutMs: 10_000,
  // What node:http allows (--max-http-header-size).
  headerBytes: 16 * 1024,
  socketsPerOrigin: 64,
  keepAliveMs: 4_000,
};

/** Heads with a status below 200 before the one that counts: a server may send them for ever. */
const MAX_INFORMATIONAL = 20;
/** Bytes that are parsed at a time. */
const READ_BYTES = 2 * 1024;
/** Sets of TLS options that one isolate may have sockets for at a time. */
const MAX_TLS_AGENTS = 8;

/**
 * Calls upstreams over the network. One per isolate: its sockets are kept alive and shared by the scripts of one
 * connection, never by two. Proxies named in the environment are not used.
 */
export function createNetworkUpstream(options: {
  policy: EgressPolicy;
  sockets: ConnectionSockets;
  limits?: Partial<NetworkLimits>;
}): Upstream {
  const limits = { ...defaultNetworkLimits, ...options.limits };
  const plain = createAgent(options, limits, undefined);
  const withTls = new Map<string, Agent>();

  function agentFor(tls: UpstreamTls | undefined): Agent {
    if (!tls) return plain;
    const key = JSON.stringify(tls);
    let agent = withTls.get(key);
    if (!agent) {
      if (withTls.size >= MAX_TLS_AGENTS) {
        const [oldestKey, oldest] = withTls.entries().next().value!;
        withTls.delete(oldestKey);
        oldest.close().catch(() => {});
      }
      agent = createAgent(options, limits, tls);
      withTls.set(key, agent);
    }
    return agent;
  }

  return {
    // Async, so that certificates which cannot be used reject the request.
    request: async (request, signal) => dispatch(agentFor(request.tls), request, signal),
    close() {
      for (const agent of [plain, ...withTls.values()]) agent.destroy().catch(() => {});
      withTls.clear();
    },
  };
}

/** What each new socket is asked for. */
interface Gate {
  policy: EgressPolicy;
  sockets: ConnectionSockets;
}

function createAgent(gate: Gate, limits: NetworkLimits, tls: UpstreamTls | undefined): Agent {
  const secure = tls ? connectOptions(tls) : {};
  return new Agent({
    factory: (origin, poolOptions) =>
      new Pool(origin, { ...poolOptions, connect: connectorTo(String(origin), gate, limits, secure) }),
    connections: limits.socketsPerOrigin,
    maxHeaderSize: limits.headerBytes,
    keepAliveTimeout: limits.keepAliveMs,
    // The execution's signal is what ends a request that takes too long.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
}

/** Has the policy judge each new socket of an origin, and counts it. */
function connectorTo(
  origin: string,
  { policy, sockets }: Gate,
  limits: NetworkLimits,
  secure: ConnectionOptions,
): buildConnector.connector {
  const { host, port } = placeOf(origin);
  const connectTimeout = { timeout: limits.connectTimeoutMs, allowH2: false };
  let connect: buildConnector.connector | undefined;
  return (options, callback) => {
    let release: (() => void) | undefined;
    try {
      const { lookup } = policy.socketOptions(host, port);
      connect ??= buildConnector({ ...connectTimeout, ...secure, ...(lookup ? { lookup } : {}) } as object);
      release = sockets.take();
      // undici takes the name from the Host header before the one that was asked for.
      const servername = secure.servername ?? options.servername;
      const given = { ...options, ...(servername === undefined ? {} : { servername }) };
      // It gives the socket, though its types do not say so.
      const socket = connect(given, callback) as unknown as Socket;
      socket.once('close', release);
      readInPieces(socket);
    } catch (error) {
      release?.();
      process.nextTick(callback as (error: Error, socket: null) => void, error as Error, null);
    }
  };
}

/**
 * undici goes on with what it has read after a head has become too long, and makes an error, with its stack, for each
 * further header in it: 64 KB of short ones hold the thread for most of a second.
 */
function readInPieces(socket: Socket): void {
  const read = socket.read.bind(socket);
  socket.read = (size) =>
    socket.destroyed ? null : read(size ?? (Math.min(socket.readableLength, READ_BYTES) || undefined));
}

function dispatch(agent: Agent, request: UpstreamRequest, signal: AbortSignal): Promise<UpstreamResponse> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(requestAborted());
    let controller: Dispatcher.DispatchController | undefined;
    let headArrived = false;
    let informational = 0;
    const body = createPushedBody({
      pause: () => controller?.pause(),
      resume: () => controller?.resume(),
      abort: () => controller?.abort(requestAborted()),
    });

    function fail(error: Error): void {
      signal.removeEventListener('abort', giveUp);
      if (headArrived) body.fail(error);
      else reject(error);
    }
    function giveUp(): void {
      const error = requestAborted();
      controller?.abort(error);
      fail(error);
    }
    signal.addEventListener('abort', giveUp, { once: true });

    const handler: Dispatcher.DispatchHandler = {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) started.abort(requestAborted());
      },
      onResponseStart(started, status, _headers, statusText) {
        if (status < 200) {
          if (++informational > MAX_INFORMATIONAL) started.abort(tooManyHeads());
          return;
        }
        headArrived = true;
        const raw = (started as unknown as { rawHeaders: Buffer[] }).rawHeaders;
        resolve({ status, statusText: statusText ?? '', headers: raw.map(latin1), body });
      },
      onResponseData(_controller, chunk) {
        body.push(chunk);
      },
      onResponseEnd() {
        signal.removeEventListener('abort', giveUp);
        body.end();
      },
      onResponseError(_controller, error) {
        fail(asNodeError(error, { ...placeOf(request.origin), headArrived }));
      },
    };
    try {
      agent.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
        },
        handler,
      );
    } catch (error) {
      fail(asNodeError(error, { host: '', port: 0, headArrived }));
    }
  });
}

/** Header bytes as node:http reads them. */
function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}
