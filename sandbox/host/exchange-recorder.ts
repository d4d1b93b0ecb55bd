import {
  type Exchange,
  exchangeLimits,
  type HttpExchange,
  type RecordedBytes,
} from '../contract/exchange.ts';
import type { UpstreamRequest, UpstreamResponse } from './upstream-contract.ts';

/** What goes on between one execution and its upstreams, for whoever asked for it. */
export interface ExchangeRecorder {
  /** Times are counted from here. */
  began(): void;
  http(request: UpstreamRequest): HttpRecording | undefined;
  /** The part of a socket's life that is in this execution; the same for the same key until it has ended. */
  socket(key: object, place: { host: string; port: number; tls: boolean }): SocketRecording | undefined;
  /** The outcome is there: tells what has not ended, and nothing from now on. */
  close(): void;
}

export interface Ended {
  error?: unknown;
  blocked?: string | undefined;
}

export interface HttpRecording {
  head(response: Pick<UpstreamResponse, 'status' | 'statusText' | 'headers'>, decompressed: boolean): void;
  /** Copied at once: the memory of what is handed to an isolate is none here any more. */
  body(bytes: Uint8Array): void;
  end(how?: Ended): void;
}

export interface SocketRecording {
  received(bytes: number): void;
  sent(bytes: number): void;
  end(how?: Ended): void;
}

const TEXT_MAX = 8_000;

export function createExchangeRecorder(tell: (exchange: Exchange) => void): ExchangeRecorder {
  let began = performance.now();
  let leftBytes: number = exchangeLimits.totalBytes;
  let count = 0;
  let closed = false;
  /** Those that have not ended, in the order of their beginning. */
  const open = new Set<(how: Ended, unfinished: boolean) => void>();
  const sockets = new Map<object, SocketRecording>();

  function take(bytes: number, most: number): number {
    const taken = Math.max(0, Math.min(bytes, most, leftBytes));
    leftBytes -= taken;
    return taken;
  }

  /** Whether there is one more to tell of. */
  function admit(): boolean {
    if (closed) return false;
    count++;
    if (count === exchangeLimits.exchanges + 1) tell({ kind: 'more' });
    return count <= exchangeLimits.exchanges;
  }

  function times(since: number) {
    return { startedMs: rounded(since - began), durationMs: rounded(performance.now() - since) };
  }

  function onEnd(send: (how: Ended, unfinished: boolean) => void): (how?: Ended) => void {
    const end = (how: Ended, unfinished: boolean) => {
      if (open.delete(end)) send(how, unfinished);
    };
    open.add(end);
    return (how = {}) => end(how, false);
  }

  return {
    began() {
      began = performance.now();
    },
    http(request) {
      if (!admit()) return undefined;
      const since = performance.now();
      const url = (request.origin + request.path).slice(0, exchangeLimits.urlLength);
      const whole = takeHeaders(request.headers, url.length);
      const sent = createBody(exchangeLimits.requestBytes);
      if (request.body) sent.add(request.body);
      const received = createBody(exchangeLimits.responseBytes);
      let cut = !whole || url.length < request.origin.length + request.path.length;
      let response: Omit<NonNullable<HttpExchange['response']>, 'body'> | undefined;
      const end = onEnd((how, unfinished) =>
        tell({
          kind: 'http',
          method: request.method.slice(0, TEXT_MAX),
          url,
          headers: whole ? request.headers : [],
          body: sent.recorded(),
          ...(response ? { response: { ...response, body: received.recorded() } } : {}),
          cut,
          ...times(since),
          ...endOf(how),
          unfinished,
        }),
      );
      return {
        head({ status, statusText, headers }, decompressed) {
          const fits = takeHeaders(headers, statusText.length);
          cut ||= !fits;
          const text = statusText.slice(0, TEXT_MAX);
          response = { status, statusText: text, headers: fits ? headers : [], decompressed };
        },
        body: received.add,
        end,
      };
    },
    socket(key, place) {
      const known = sockets.get(key);
      if (known || !admit()) return known;
      const since = performance.now();
      let bytesIn = 0;
      let bytesOut = 0;
      const end = onEnd((how, unfinished) => {
        tell({ kind: 'socket', ...place, bytesIn, bytesOut, ...times(since), ...endOf(how), unfinished });
      });
      const recording: SocketRecording = {
        received(bytes) {
          bytesIn += bytes;
        },
        sent(bytes) {
          bytesOut += bytes;
        },
        end,
      };
      sockets.set(key, recording);
      return recording;
    },
    close() {
      if (closed) return;
      for (const end of [...open]) end({}, true);
      closed = true;
    },
  };

  /** All or none: half of the headers would be taken for all of them. */
  function takeHeaders(headers: readonly string[], more: number): boolean {
    const bytes = headers.reduce((sum, text) => sum + text.length, more);
    if (bytes > leftBytes || headers.length > MAX_HEADERS) return false;
    leftBytes -= bytes;
    return true;
  }

  function createBody(most: number) {
    const kept: Buffer[] = [];
    let left = most;
    let cut = false;
    return {
      add(bytes: Uint8Array): void {
        const taken = take(bytes.byteLength, left);
        left -= taken;
        if (taken < bytes.byteLength) cut = true;
        if (taken > 0 && !closed) kept.push(Buffer.from(bytes.subarray(0, taken)));
      },
      recorded: (): RecordedBytes => ({ base64: Buffer.concat(kept).toString('base64'), cut }),
    };
  }
}

const MAX_HEADERS = 2_000;

function rounded(ms: number): number {
  return Math.max(0, Math.round(ms * 10) / 10);
}

function endOf({ error, blocked }: Ended) {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  return {
    ...(error === undefined
      ? {}
      : {
          error: {
            message: String(message ?? 'failed').slice(0, TEXT_MAX),
            ...(typeof code === 'string' ? { code: code.slice(0, TEXT_MAX) } : {}),
          },
        }),
    ...(blocked === undefined ? {} : { blocked: blocked.slice(0, TEXT_MAX) }),
  };
}
