import { notImplemented } from '../not-implemented.ts';
import { coded } from './http-headers.ts';

export type Options = Record<string, unknown>;
export type Listener = (...args: unknown[]) => void;

/** What `connect` is to reach. */
export interface Target {
  host: string;
  port: number;
  family: 0 | 4 | 6;
}

/** `(options)`, `(port, host)`, `(path)`, each with a listener after it, as node:net takes them. */
export function readConnectArguments(args: readonly unknown[]): {
  options: Options;
  listener: Listener | undefined;
} {
  const given = [...args];
  const last = given.at(-1);
  const listener = typeof last === 'function' ? (last as Listener) : undefined;
  if (listener) given.pop();
  const [first, second] = given;
  if (typeof first === 'object' && first !== null) return { options: first as Options, listener };
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { options: { path: first }, listener };
  return { options: { port: first, ...(typeof second === 'string' ? { host: second } : {}) }, listener };
}

/** Throws Node's errors for what cannot be reached. */
export function readTarget(options: Options): Target {
  if (options.path) throw notImplemented('a socket that is a file (the option path)');
  const { port } = options;
  if (port === undefined || port === null) {
    throw coded('ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified');
  }
  const number = typeof port === 'string' && port.trim() !== '' ? Number(port) : port;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > 65_535) {
    throw coded(
      'ERR_SOCKET_BAD_PORT',
      `Port should be >= 0 and < 65536. Received ${String(port)}.`,
      RangeError,
    );
  }
  const { family } = options;
  return {
    host: typeof options.host === 'string' && options.host !== '' ? options.host : 'localhost',
    port: number,
    family: family === 4 || family === 6 ? family : family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : 0,
  };
}
