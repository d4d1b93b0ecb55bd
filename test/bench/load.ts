import net from 'node:net';

export interface LoadResult {
  requests: number;
  errors: number;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
}

export interface LoadOptions {
  port: number;
  path: string;
  headers?: Record<string, string>;
  body: string;
  /** Requests under way at once, each on a kept-alive socket of its own. */
  underWay: number;
  durationMs: number;
}

/**
 * A closed loop over raw sockets: cheap enough to leave the cores to what is measured, and exact below a
 * millisecond. Understands answers with a Content-Length, which is what both sides send.
 */
export async function load(options: LoadOptions): Promise<LoadResult> {
  const { port, path, headers = {}, body, underWay, durationMs } = options;
  const lines = Object.entries({
    Host: `127.0.0.1:${port}`,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
  const latencies: number[] = [];
  let errors = 0;
  const started = performance.now();
  const until = started + durationMs;

  const one = () =>
    new Promise<void>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.setNoDelay(true);
      let sent = 0;
      let received = '';
      const send = () => {
        if (performance.now() >= until) {
          socket.destroy();
          return resolve();
        }
        received = '';
        sent = performance.now();
        socket.write(request);
      };
      socket.on('connect', send);
      socket.on('error', reject);
      socket.on('close', () => resolve());
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        received += text;
        if (!isWhole(received)) return;
        latencies.push(performance.now() - sent);
        if (!received.startsWith('HTTP/1.1 200')) errors++;
        send();
      });
    });

  await Promise.all(Array.from({ length: underWay }, one));
  const seconds = (performance.now() - started) / 1000;
  latencies.sort((a, b) => a - b);
  return {
    requests: latencies.length,
    errors,
    perSecond: latencies.length / seconds,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

export function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text);
  return text.length >= end + 4 + Number(length?.[1] ?? 0);
}

/** Of sorted values. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}
