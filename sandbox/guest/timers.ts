import { type Operation, startOperation } from './bridge.ts';

type Callback = (...args: unknown[]) => void;

/** Node's longest delay; a longer one becomes 1 ms there, and so here. */
const MAX_MS = 2 ** 31 - 1;
const promisified = Symbol.for('nodejs.util.promisify.custom');

/** Timers whose number was asked for, because `clearTimeout` takes that too. */
const numbered = new Map<number, Timeout>();
let nextNumber = 1;

const settled = Promise.resolve();

/**
 * Timers are told to the host some turns of the microtask queue later, still within the same entry. A pool that puts a
 * client back sets a timer, and clears it when the script's next query takes the client again: of these the host
 * need not hear.
 */
const TURNS = 16;
/** More are told at once: a flood is for the host to slow down. */
const MAX_UNTOLD = 64;
const untold = new Set<() => void>();
let turnsLeft = 0;

function tellLater(tell: () => void): void {
  untold.add(tell);
  if (untold.size > MAX_UNTOLD) return tellAll();
  if (turnsLeft === 0) settled.then(turn);
  turnsLeft = TURNS;
}

function turn(): void {
  if (--turnsLeft > 0) {
    settled.then(turn);
    return;
  }
  tellAll();
}

function tellAll(): void {
  for (const tell of untold) tell();
  untold.clear();
}

/** A throw in a callback goes through to the dispatcher: it is an uncaught error of the script. */
class Timeout {
  #callback: Callback;
  #args: unknown[];
  #ms: number;
  #repeats: boolean;
  #operation: Operation | undefined;
  #tell: (() => void) | undefined;
  #referenced = true;
  #number: number | undefined;

  constructor(callback: Callback, ms: unknown, args: unknown[], repeats: boolean) {
    this.#callback = callback;
    this.#args = args;
    this.#ms = delayOf(ms);
    this.#repeats = repeats;
    this.#begin();
  }

  #begin(): void {
    if (this.#ms === 0) return this.#start();
    const tell = () => this.#start();
    this.#tell = tell;
    tellLater(tell);
  }

  #start(): void {
    this.#tell = undefined;
    const params = { ms: this.#ms, repeats: this.#repeats };
    this.#operation = startOperation('timer', params, undefined, ({ type }) => {
      if (type === 'tick') {
        this.#operation?.send('again');
        return this.#callback(...this.#args);
      }
      this.#operation = undefined;
      if (type !== 'done') return this.close();
      this.#forgetNumber();
      this.#callback(...this.#args);
    });
    if (!this.#referenced) this.#operation.send('unref');
  }

  #forgetNumber(): void {
    if (this.#number !== undefined) numbered.delete(this.#number);
  }

  close(): this {
    this.#stop();
    this.#repeats = false;
    this.#forgetNumber();
    return this;
  }

  refresh(): this {
    this.#stop();
    this.#begin();
    return this;
  }

  #stop(): void {
    if (this.#tell) untold.delete(this.#tell);
    this.#tell = undefined;
    this.#operation?.cancel();
    this.#operation = undefined;
  }

  ref(): this {
    if (!this.#referenced) this.#operation?.send('ref');
    this.#referenced = true;
    return this;
  }

  /** An execution is at rest although such a timer is running: the host is told. */
  unref(): this {
    if (this.#referenced) this.#operation?.send('unref');
    this.#referenced = false;
    return this;
  }

  hasRef(): boolean {
    return this.#referenced;
  }

  [Symbol.toPrimitive](): number {
    if (this.#number === undefined) {
      this.#number = nextNumber++;
      numbered.set(this.#number, this);
    }
    return this.#number;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

class Immediate extends Timeout {
  constructor(callback: Callback, args: unknown[]) {
    super(callback, 0, args, false);
  }
}

export function setTimeout(callback: Callback, ms?: unknown, ...args: unknown[]): Timeout {
  return new Timeout(checked(callback), ms ?? 1, args, false);
}

export function setInterval(callback: Callback, ms?: unknown, ...args: unknown[]): Timeout {
  return new Timeout(checked(callback), ms ?? 1, args, true);
}

export function setImmediate(callback: Callback, ...args: unknown[]): Immediate {
  return new Immediate(checked(callback), args);
}

export function clearTimeout(timer: unknown): void {
  if (timer instanceof Timeout) timer.close();
  else numbered.get(Number(timer))?.close();
}

export const clearInterval = clearTimeout;
export const clearImmediate = clearTimeout;

/** A throw becomes an unhandled rejection, which ends the execution as an uncaught error does. */
export function queueMicrotask(callback: () => void): void {
  checked(callback);
  settled.then(() => callback());
}

interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface TimerOptions {
  signal?: AbortSignalLike;
}

/** The promise form of Node's `timers/promises`. */
export function sleep(ms?: unknown, value?: unknown, options: TimerOptions = {}): Promise<unknown> {
  return abortable(options, (resolve) => setTimeout(() => resolve(value), ms));
}

export function nextImmediate(value?: unknown, options: TimerOptions = {}): Promise<unknown> {
  return abortable(options, (resolve) => setImmediate(() => resolve(value)));
}

Object.defineProperty(setTimeout, promisified, { value: sleep });
Object.defineProperty(setImmediate, promisified, { value: nextImmediate });

function abortable({ signal }: TimerOptions, start: (resolve: Callback) => Timeout): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const refuse = () =>
      reject(
        Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
          name: 'AbortError',
          code: 'ABORT_ERR',
        }),
      );
    if (signal?.aborted) return refuse();
    const onAbort = () => {
      timer.close();
      refuse();
    };
    const timer = start((value) => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

function delayOf(ms: unknown): number {
  if (ms === 0) return 0;
  const delay = Number(ms);
  return delay >= 1 && delay <= MAX_MS ? Math.trunc(delay) : 1;
}

function checked(callback: Callback): Callback {
  if (typeof callback === 'function') return callback;
  throw Object.assign(new TypeError('The "callback" argument must be of type function'), {
    code: 'ERR_INVALID_ARG_TYPE',
  });
}
