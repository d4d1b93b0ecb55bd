import { coded } from './http-headers.ts';

/** Errors that node:net makes itself, in its words. Those of the network come from the host. */

/** The other side has said that it would send nothing more, and this one ended in turn. */
export function endedByPeer(): Error {
  return coded('EPIPE', 'This socket has been ended by the other party', Error);
}

export function socketClosed(): Error {
  return coded('ERR_SOCKET_CLOSED', 'Socket is closed', Error);
}

export function closedBeforeConnection(): Error {
  return coded(
    'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
    'Socket closed before the connection was established',
    Error,
  );
}

export function invalidAddress(address: unknown): Error {
  return coded('ERR_INVALID_IP_ADDRESS', `Invalid IP address: ${String(address)}`);
}
