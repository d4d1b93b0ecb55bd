import type { Duplex } from 'node:stream';
import { ServiceError } from '../errors.ts';
import { problemAnswer } from './problem.ts';

const details: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: 'The head of the request is too large',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request took too long to arrive',
};

/** Answers what never becomes a request: to a client problem details say more than a connection that is closed. */
export function refuseNoHttp(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const detail = details[error.code ?? ''] ?? 'This is no HTTP/1.1';
  const {
    status,
    headers,
    body = '',
  } = problemAnswer(new ServiceError('invalid_request', { detail }), {
    call: { requestId: '', startedAt: performance.now() },
    path: '/',
    withKey: false,
  });
  const head = {
    ...headers,
    'Cache-Control': 'no-store',
    'Content-Length': String(body.length),
    Connection: 'close',
  };
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} Bad Request`, ...lines, '', body].join('\r\n'));
}
