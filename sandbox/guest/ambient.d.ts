/** Types of the untyped packages that the runtime is built from; only what is used of them. */

declare module 'events' {
  // biome-ignore lint/suspicious/noExplicitAny: listeners take what the event's own contract says
  type Listener = (...args: any[]) => void;
  export class EventEmitter {
    static defaultMaxListeners: number;
    static once(emitter: EventEmitter, name: string): Promise<unknown[]>;
    on(name: string | symbol, listener: Listener): this;
    once(name: string | symbol, listener: Listener): this;
    off(name: string | symbol, listener: Listener): this;
    addListener(name: string | symbol, listener: Listener): this;
    prependListener(name: string | symbol, listener: Listener): this;
    removeListener(name: string | symbol, listener: Listener): this;
    removeAllListeners(name?: string | symbol): this;
    setMaxListeners(count: number): this;
    emit(name: string | symbol, ...args: unknown[]): boolean;
    listenerCount(name: string | symbol): number;
    listeners(name: string | symbol): Listener[];
    eventNames(): (string | symbol)[];
  }
  export default EventEmitter;
}

declare module 'readable-stream' {
  import type { EventEmitter } from 'events';

  type Callback = (error?: Error | null) => void;
  export class Stream extends EventEmitter {}
  export class Readable extends EventEmitter {
    constructor(options?: object);
    static from(source: Iterable<unknown> | AsyncIterable<unknown>, options?: object): Readable;
    readable: boolean;
    destroyed: boolean;
    readonly readableEnded: boolean;
    readonly readableLength: number;
    readonly readableFlowing: boolean | null;
    push(chunk: unknown, encoding?: string): boolean;
    read(size?: number): unknown;
    setEncoding(encoding: string): this;
    pause(): this;
    isPaused(): boolean;
    resume(): this;
    pipe<T>(destination: T, options?: object): T;
    destroy(error?: Error): this;
    [Symbol.asyncIterator](): AsyncIterableIterator<unknown>;
    _read(size: number): void;
    _destroy(error: Error | null, callback: Callback): void;
  }
  export class Writable extends EventEmitter {
    constructor(options?: object);
    writable: boolean;
    destroyed: boolean;
    readonly writableEnded: boolean;
    readonly writableFinished: boolean;
    // biome-ignore lint/suspicious/noExplicitAny: chunk, encoding and callback may each be left out
    write(...args: any[]): boolean;
    // biome-ignore lint/suspicious/noExplicitAny: chunk, encoding and callback may each be left out
    end(...args: any[]): this;
    cork(): void;
    uncork(): void;
    destroy(error?: Error): this;
    _write(chunk: unknown, encoding: string, callback: Callback): void;
    _final(callback: Callback): void;
    _destroy(error: Error | null, callback: Callback): void;
  }
  export class Duplex extends Readable {
    writable: boolean;
    readonly allowHalfOpen: boolean;
    readonly writableLength: number;
    readonly writableEnded: boolean;
    readonly writableFinished: boolean;
    // biome-ignore lint/suspicious/noExplicitAny: chunk, encoding and callback may each be left out
    write(...args: any[]): boolean;
    // biome-ignore lint/suspicious/noExplicitAny: chunk, encoding and callback may each be left out
    end(...args: any[]): this;
    cork(): void;
    uncork(): void;
    _write(chunk: unknown, encoding: string, callback: Callback): void;
    _writev(chunks: { chunk: unknown }[], callback: Callback): void;
    _final(callback: Callback): void;
    /** A stream that was destroyed can be used again. */
    _undestroy(): void;
  }
  export class Transform extends Duplex {
    _transform(
      chunk: unknown,
      encoding: string,
      callback: (error?: Error | null, data?: unknown) => void,
    ): void;
    _flush(callback: (error?: Error | null, data?: unknown) => void): void;
  }
  export class PassThrough extends Transform {}
  // biome-ignore lint/suspicious/noExplicitAny: any number of streams
  export function pipeline(...args: any[]): any;
  export function finished(stream: unknown, callback: Callback): () => void;
  // biome-ignore lint/suspicious/noExplicitAny: the promise versions of the functions above
  export const promises: any;
}

declare module 'path-browserify' {
  const path: Record<string, unknown>;
  export default path;
}

declare module 'punycode/' {
  const punycode: { toUnicode(domain: string): string; toASCII(domain: string): string };
  export default punycode;
}

declare module 'string_decoder/' {
  const stringDecoder: Record<string, unknown>;
  export default stringDecoder;
}

declare module 'assert' {
  const assert: { strict: unknown };
  export default assert;
}

declare module 'assert/build/internal/util/comparisons' {
  type Compare = (left: unknown, right: unknown) => boolean;
  const comparisons: { isDeepEqual: Compare; isDeepStrictEqual: Compare };
  export default comparisons;
}

declare module 'util' {
  const util: { types: object; promisify: unknown };
  export default util;
}

declare module 'url' {
  const legacy: {
    Url: unknown;
    parse: unknown;
    resolve: unknown;
    resolveObject: unknown;
    format(value: unknown): string;
  };
  export default legacy;
}
