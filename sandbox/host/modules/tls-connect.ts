import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { OperationScope } from '../operations.ts';
import type { SocketTls } from './socket-params.ts';

/** Over a connection that stands, or with `address` over one of its own. */
export function connectTls(
  tls: SocketTls,
  over: { socket: Socket | Duplex } | { address: object },
): TLSSocket {
  const { alpn, skipNameCheck, reportOnly, ...given } = tls;
  const options: ConnectionOptions = {
    ...withoutAbsent(given),
    ...('socket' in over ? { socket: over.socket as Socket } : over.address),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
    ...(skipNameCheck || reportOnly ? { checkServerIdentity: () => undefined } : {}),
    ...(reportOnly ? { rejectUnauthorized: false } : {}),
  };
  return connect(options);
}

/** Tells the guest of a handshake that is done: what was agreed on and who the peer is. */
export function emitSecure(socket: TLSSocket, scope: OperationScope): void {
  const certificate = socket.getPeerCertificate() as PeerCertificate | undefined;
  const { raw, ...fields } = plainCertificate(certificate);
  scope.emit(
    'secure',
    {
      authorized: socket.authorized,
      authorizationError: errorCode(socket.authorizationError),
      protocol: socket.getProtocol(),
      cipher: socket.getCipher(),
      alpnProtocol: socket.alpnProtocol,
      certificate: fields,
    },
    raw,
  );
}

/** node:tls says Error and gives a string, at times. */
function errorCode(error: unknown): string | undefined {
  if (!error) return undefined;
  return typeof error === 'string' ? error : ((error as NodeJS.ErrnoException).code ?? String(error));
}

function plainCertificate(certificate: PeerCertificate | undefined): { raw?: Uint8Array } & object {
  if (!certificate?.raw) return {};
  const {
    subject,
    issuer,
    subjectaltname,
    valid_from,
    valid_to,
    fingerprint,
    fingerprint256,
    serialNumber,
    raw,
  } = certificate;
  const validity = { valid_from, valid_to };
  return {
    subject,
    issuer,
    subjectaltname,
    ...validity,
    fingerprint,
    fingerprint256,
    serialNumber,
    raw,
  } as object;
}

/** node:tls tells an option that is undefined from one that is not there. */
function withoutAbsent<Fields extends object>(fields: Fields): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
