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
  const { port, host, lookup, family } = options;
  if (port === undefined) {
    throw coded('ERR_MISSING_ARGS', 'The "options" or "port" or "path" argument must be specified');
  }
  if (lookup !== undefined && lookup !== null && typeof lookup !== 'function') {
    throw wrongType('options.lookup', 'function', lookup);
  }
  return {
    host: host ? readHost(host) : 'localhost',
    port: readPort(port),
    family: family === 4 || family === 'IPv4' ? 4 : family === 6 || family === 'IPv6' ? 6 : 0,
  };
}

function readHost(host: unknown): string {
  if (typeof host !== 'string') throw wrongType('options.host', 'string', host);
  if (!host.includes('\0')) return host;
  throw coded('ERR_INVALID_ARG_VALUE', "The property 'options.host' must be a string without null bytes.");
}

function readPort(port: unknown): number {
  if (typeof port !== 'number' && typeof port !== 'string') {
    throw wrongType('options.port', 'number or string', port);
  }
  const number = typeof port === 'string' && port.trim() !== '' ? Number(port) : port;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= 65_535)
    return number;
  throw coded(
    'ERR_SOCKET_BAD_PORT',
    `Port should be >= 0 and < 65536. Received ${String(port)}.`,
    RangeError,
  );
}

function wrongType(name: string, type: string, value: unknown): Error {
  const message = `The "${name}" property must be of type ${type}. Received ${value === null ? 'null' : `type ${typeof value}`}`;
  return coded('ERR_INVALID_ARG_TYPE', message);
}

/** What crosses as a number of milliseconds: JSON has no NaN and no Infinity. */
export function milliseconds(value: unknown): number {
  const ms = Math.trunc(Number(value));
  return ms > 0 && Number.isFinite(ms) ? ms : 0;
}
