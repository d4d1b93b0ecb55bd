import { stubs } from '../not-implemented.ts';
import { isIP, isIPv4, isIPv6 } from './net-address.ts';
import { type Options, readConnectArguments } from './net-options.ts';
import { Socket } from './net-socket.ts';

function connect(...args: unknown[]): Socket {
  const { options } = readConnectArguments(args);
  return new Socket(options as Options).connect(...args);
}

/** node:net, the client's half. A script serves nobody: the server's half throws by name. */
export const net = {
  isIP,
  isIPv4,
  isIPv6,
  Socket,
  Stream: Socket,
  connect,
  createConnection: connect,
  getDefaultAutoSelectFamily: () => true,
  setDefaultAutoSelectFamily(): void {},
  getDefaultAutoSelectFamilyAttemptTimeout: () => 250,
  setDefaultAutoSelectFamilyAttemptTimeout(): void {},
  ...stubs('net', 'createServer Server BlockList SocketAddress'),
};
