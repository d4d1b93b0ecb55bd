/** What Drawbridge, and Node before it, give to scripts. test/testkit/script-types.test.ts holds it to what is there. */

/** The connection's `options.configuration`. */
declare const configuration: Readonly<Record<string, string>>;

/** Login refuses. A user id says that the user is known and the password is wrong, `null` that there is no such user. */
declare class WrongUsernameOrPasswordError extends Error {
  constructor(userNameOrEmailOrUserId?: string | null, message?: string);
  readonly identifier: string | null | undefined;
}
/** The input is refused; create says `user_exists` when an identifier is taken. */
declare class ValidationError extends Error {
  constructor(code: string, message?: string);
  readonly code: string;
}
/** The user may not do this. */
declare class UnauthorizedError extends Error {
  constructor(message?: string);
}

/** A module of docs/modules.md, or a file beside the script. */
declare function require(name: string): any;
/** Modules on board have no types here; docs/modules.md lists them. */
declare module '*';
/** Kept between executions of a connection: for a token or a pool, never for user data. */
declare var global: typeof globalThis & Record<string, any>;
declare var process: {
  /** Empty; what a script puts there, no other script sees. */
  env: Record<string, string | undefined>;
  version: string;
  versions: Record<string, string>;
  platform: string;
  nextTick(callback: (...args: any[]) => void, ...args: any[]): void;
  hrtime: { (since?: [number, number]): [number, number]; bigint(): bigint };
  uptime(): number;
  memoryUsage(): Record<string, number>;
  cwd(): string;
  [name: string]: any;
};

interface Console {
  assert(condition?: unknown, ...data: unknown[]): void;
  count(label?: string): void;
  debug(...data: unknown[]): void;
  dir(item?: unknown, options?: object): void;
  error(...data: unknown[]): void;
  group(...data: unknown[]): void;
  groupEnd(): void;
  info(...data: unknown[]): void;
  log(...data: unknown[]): void;
  table(data?: unknown, columns?: string[]): void;
  time(label?: string): void;
  timeEnd(label?: string): void;
  timeLog(label?: string, ...data: unknown[]): void;
  trace(...data: unknown[]): void;
  warn(...data: unknown[]): void;
}
declare var console: Console;

type BufferEncoding =
  | 'utf8'
  | 'utf-8'
  | 'hex'
  | 'base64'
  | 'base64url'
  | 'ascii'
  | 'latin1'
  | 'binary'
  | 'utf16le'
  | 'ucs2';
interface Buffer extends Uint8Array<ArrayBuffer> {
  toString(encoding?: BufferEncoding, start?: number, end?: number): string;
  equals(other: Uint8Array): boolean;
  compare(other: Uint8Array): -1 | 0 | 1;
  write(text: string, offset?: number, length?: number, encoding?: BufferEncoding): number;
  subarray(start?: number, end?: number): Buffer;
  toJSON(): { type: 'Buffer'; data: number[] };
  // Reading and writing of numbers, swaps and so on.
  [method: string]: any;
}
declare var Buffer: {
  alloc(size: number, fill?: string | number | Uint8Array, encoding?: BufferEncoding): Buffer;
  allocUnsafe(size: number): Buffer;
  byteLength(value: string | ArrayBuffer | ArrayBufferView, encoding?: BufferEncoding): number;
  compare(one: Uint8Array, other: Uint8Array): -1 | 0 | 1;
  concat(list: readonly Uint8Array[], totalLength?: number): Buffer;
  from(text: string, encoding?: BufferEncoding): Buffer;
  from(data: ArrayBuffer | ArrayLike<number>, byteOffset?: number, length?: number): Buffer;
  isBuffer(value: unknown): value is Buffer;
  isEncoding(encoding: string): encoding is BufferEncoding;
};

declare function setTimeout(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setInterval(callback: (...args: any[]) => void, ms?: number, ...args: any[]): any;
declare function setImmediate(callback: (...args: any[]) => void, ...args: any[]): any;
declare function clearTimeout(timer: any): void;
declare function clearInterval(timer: any): void;
declare function clearImmediate(timer: any): void;
declare function queueMicrotask(callback: () => void): void;

// Globals that old scripts use without a require; new ones say require('lodash') and so on.
declare var _: any;
declare var async: any;
declare var bcrypt: any;
declare var jwt: any;
declare var mongo: any;
declare var mysql: any;
declare var mysql_pool: any;
declare var ObjectID: any;
declare var pbkdf2: any;
declare var pg: any;
declare var postgres: any;
declare var q: any;
declare var querystring: any;
declare var request: any;
declare var sqlserver: any;
declare var uuid: any;
declare var xml2js: any;
declare var xmldom: any;
declare var xpath: any;
declare var xtend: any;
