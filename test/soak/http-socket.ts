import { once } from 'node:events';
import net from 'node:net';

export interface HttpAnswer {
  status: number;
  body: string;
}

/** One kept-alive connection to the service, which notices an answer that is missing and one that nobody asked for. */
export interface HttpSocket {
  /** Undefined when the connection ended, or nothing whole came in time. */
  post(
    path: string,
    body: object,
    headers: Readonly<Record<string, string>>,
    withinMs: number,
  ): Promise<HttpAnswer | undefined>;
  /** Bytes that came when no answer was due. */
  unasked(): number;
  close(): void;
}

/** Raw, since clients of HTTP hide both: they try again by themselves, and drop what they did not ask for. */
export function createHttpSocket(port: number): HttpSocket {
  let socket: net.Socket | undefined;
  let received = Buffer.alloc(0);
  let settle: ((answer: HttpAnswer | undefined) => void) | undefined;
  let unasked = 0;

  function finish(answer: HttpAnswer | undefined): void {
    const resolve = settle;
    settle = undefined;
    received = Buffer.alloc(0);
    resolve?.(answer);
  }

  async function connected(): Promise<net.Socket> {
    if (socket && !socket.destroyed && socket.writable) return socket;
    const fresh = net.connect({ port, host: '127.0.0.1', noDelay: true });
    socket = fresh;
    fresh.on('data', (bytes) => {
      if (socket === fresh) receive(bytes);
    });
    fresh.on('error', () => {});
    fresh.on('close', () => {
      if (socket === fresh) finish(undefined);
    });
    await once(fresh, 'connect');
    return fresh;
  }

  function receive(bytes: Buffer): void {
    if (!settle) {
      unasked += bytes.length;
      return;
    }
    received = Buffer.concat([received, bytes]);
    const headEnd = received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = received.toString('latin1', 0, headEnd);
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + length;
    if (received.length < end) return;
    unasked += received.length - end;
    if (/^connection: close$/im.test(head)) socket?.destroy();
    finish({ status: Number(head.slice(9, 12)), body: received.toString('utf8', headEnd + 4, end) });
  }

  return {
    async post(path, body, headers, withinMs) {
      const connection = await connected();
      const text = Buffer.from(JSON.stringify(body));
      const all = {
        Host: '127.0.0.1',
        'Content-Type': 'application/json',
        'Content-Length': text.length,
        ...headers,
      };
      const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
      const { promise, resolve } = Promise.withResolvers<HttpAnswer | undefined>();
      settle = resolve;
      const timer = setTimeout(() => connection.destroy(), withinMs);
      connection.write(Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), text]));
      return promise.finally(() => clearTimeout(timer));
    },
    unasked: () => unasked,
    close: () => socket?.destroy(),
  };
}
