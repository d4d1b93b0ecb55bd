import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls';
import type { OperationScope } from '../operations.ts';
import { connectOptions } from '../upstream-tls.ts';
import type { SocketTls } from './socket-params.ts';

/** Over a connection that stands, or with `address` over one of its own. Throws for what is no certificate or key. */
export function connectTls(
  tls: SocketTls,
  over: { socket: Socket | Duplex } | { address: object },
): TLSSocket {
  const { alpn, skipNameCheck, reportOnly, host, servername, ...given } = tls;
  const name = host ?? servername ?? 'localhost';
  const options: ConnectionOptions = {
    ...connectOptions(given),
    ...('socket' in over ? { socket: over.socket as Socket } : over.address),
    // An address is no server name (RFC 6066, section 3), and Node warns about one.
    ...(servername && isIP(servername) === 0 ? { servername } : {}),
    ...(alpn ? { ALPNProtocols: alpn } : {}),
    checkServerIdentity: (_servername, certificate) =>
      skipNameCheck || reportOnly ? undefined : checkServerIdentity(name, certificate),
    ...(reportOnly ? { rejectUnauthorized: false } : {}),
  };
  return connect(options);
}

/** Tells the guest of a handshake that is done: what was agreed on and who the peer is. */
export function emitSecure(socket: TLSSocket, scope: OperationScope): void {
  const { raw, ...certificate } = plainCertificate(socket.getPeerCertificate());
  scope.emit(
    'secure',
    {
      authorized: socket.authorized,
      authorizationError: errorCode(socket.authorizationError),
      verifyError: verifyError(socket),
      protocol: socket.getProtocol(),
      cipher: socket.getCipher(),
      alpnProtocol: socket.alpnProtocol,
      certificate,
    },
    raw,
  );
}

/** node:tls says Error and gives a string, at times. */
function errorCode(error: unknown): string | undefined {
  if (!error) return undefined;
  return typeof error === 'string' ? error : ((error as NodeJS.ErrnoException).code ?? String(error));
}

/** What `ssl.verifyError()` has found, which drivers ask that make a TLSSocket by themselves. */
function verifyError(socket: TLSSocket): { message: string; code: string | undefined } | undefined {
  const { ssl } = socket as unknown as { ssl?: { verifyError(): NodeJS.ErrnoException | null } };
  const error = ssl?.verifyError();
  return error ? { message: error.message, code: error.code } : undefined;
}

/** What JSON can carry of it; `pubkey` in base64. */
function plainCertificate(certificate: PeerCertificate | undefined): { raw?: Uint8Array } & object {
  if (!certificate?.raw) return {};
  const { pubkey, ...fields } = certificate as PeerCertificate & { pubkey?: Buffer };
  return { ...fields, ...(pubkey ? { pubkey: pubkey.toString('base64') } : {}) };
}
