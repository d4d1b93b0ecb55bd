import http from 'node:http';
import net from 'node:net';
import { expect } from 'vitest';
import { type Listening, listenOnLoopback } from '../servers/listen.ts';
import type { FamilyServers } from './attack.ts';

/** A server on the loopback that scripts may not reach. */
export interface Forbidden extends Listening {
  /** Throws when anybody has been there. */
  expectUntouched(): void;
}

export async function startForbidden(): Promise<Forbidden> {
  let visits = 0;
  const server = http.createServer((_request, response) => response.end('internal'));
  server.on('connection', () => visits++);
  return { ...(await listenOnLoopback(server)), expectUntouched: () => expect(visits).toBe(0) };
}

/** Beside a forbidden server, one that may be reached; `HOST`, `PORT` and `FORBIDDEN` tell the scripts where. */
export async function startBeside(allowed: net.Server): Promise<FamilyServers> {
  const forbidden = await startForbidden();
  const { port, close } = await listenOnLoopback(allowed);
  return {
    allow: [`127.0.0.1:${port}`],
    configuration: { PORT: String(port), FORBIDDEN: String(forbidden.port) },
    check: forbidden.expectUntouched,
    async [Symbol.asyncDispose]() {
      await Promise.all([forbidden.close(), close()]);
    },
  };
}

/** Answers raw bytes by the path of the request, `echo` where it knows none. */
export function rawServer(
  answers: Record<string, (socket: net.Socket, request: string) => void>,
): net.Server {
  return net.createServer((socket) => {
    let request = '';
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1');
      const head = request.indexOf('\r\n\r\n');
      if (head < 0) return;
      const path = /^\S+ \/([^ ?]*)/.exec(request)?.[1] ?? '';
      const whole = request;
      request = '';
      (answers[path] ?? answers.echo)?.(socket, whole);
    });
  });
}

/** Writes without an end, as fast as the other side reads. */
export function flood(socket: net.Socket, piece: string | Buffer): void {
  const write = () => {
    while (!socket.destroyed && socket.write(piece));
  };
  socket.on('drain', write);
  write();
}
