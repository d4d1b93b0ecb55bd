import net from 'node:net';
import { isWhole, percentile } from './load.ts';

export interface OpenLoadOptions {
  port: number;
  path: string;
  headers?: Record<string, string>;
  body: string;
  perSecond: number;
  durationMs: number;
  /** Requests on their way at once; what comes on top is not sent and counted as `unsent`. */
  maxSockets?: number;
}

export interface OpenLoadResult {
  /** Of answers with status 200, from when the request was due. */
  p50Ms: number;
  p99Ms: number;
  /** How many answers there were of each status. */
  statuses: Record<string, number>;
  unsent: number;
}

/** Requests at a steady rate, whether or not those before them have been answered: what many clients do that know nothing of one another. */
export async function openLoad(options: OpenLoadOptions): Promise<OpenLoadResult> {
  const { port, path, headers = {}, body, perSecond, durationMs, maxSockets = 256 } = options;
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const latencies: number[] = [];
  const statuses: Record<string, number> = {};
  const idle: net.Socket[] = [];
  const open = new Set<net.Socket>();
  let unsent = 0;
  let onRest = () => {};

  /** Each socket has one request on its way at most, due at the time kept here. */
  const due = new Map<net.Socket, number>();

  function connect(): net.Socket {
    const socket = net.connect(port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
    open.add(socket);
    let received = '';
    socket.on('data', (text) => {
      received += text;
      if (!isWhole(received)) return;
      const status = received.slice(9, 12);
      received = '';
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (status === '200') latencies.push(performance.now() - (due.get(socket) ?? 0));
      due.delete(socket);
      idle.push(socket);
      if (due.size === 0) onRest();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      due.delete(socket);
      const at = idle.indexOf(socket);
      if (at >= 0) idle.splice(at, 1);
      if (due.size === 0) onRest();
    });
    return socket;
  }

  const started = performance.now();
  let sent = 0;
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const now = performance.now();
      const wanted = Math.floor((Math.min(now - started, durationMs) * perSecond) / 1_000);
      for (; sent < wanted; sent++) {
        const socket = idle.pop() ?? (open.size < maxSockets ? connect() : undefined);
        if (!socket) {
          unsent++;
          continue;
        }
        due.set(socket, started + ((sent + 1) * 1_000) / perSecond);
        socket.write(request);
      }
      if (now - started < durationMs) return;
      clearInterval(timer);
      resolve();
    }, 1);
  });
  // What hangs is not waited for for long.
  await new Promise<void>((resolve) => {
    onRest = resolve;
    if (due.size === 0) resolve();
    setTimeout(resolve, LAST_ANSWERS_MS);
  });
  for (const socket of open) socket.destroy();
  latencies.sort((a, b) => a - b);
  return { p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99), statuses, unsent };
}

const LAST_ANSWERS_MS = 2_000;
