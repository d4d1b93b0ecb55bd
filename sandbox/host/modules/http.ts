import { isUtf8 } from 'node:buffer';
import { egressBlockReason } from '../egress-errors.ts';
import type { HttpRecording } from '../exchange-recorder.ts';
import { type Answer, type HostModule, type OperationScope, withoutAddresses } from '../operations.ts';
import { BodyTooLarge, type Upstream, type UpstreamRequest, type UpstreamResponse } from '../upstream.ts';
import { tooManyBytes } from '../upstream-errors.ts';
import { createDeadline, type Deadline } from './http-deadline.ts';
import { decompress, decompressed, encodingOf, MS_PER_INFLATED_BYTE } from './http-decompress.ts';
import { HttpParams, toUpstreamRequest } from './http-params.ts';
import { sendInChunks } from './http-stream.ts';

export interface HttpLimits {
  /** Bytes, decompressed. */
  responseBytes: number;
  requestBytes: number;
}

export const defaultHttpLimits: HttpLimits = {
  responseBytes: 10 * 1024 * 1024,
  requestBytes: 10 * 1024 * 1024,
};

/** Of the bodies that all executions of an isolate are reading, before they cross. */
const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** What it takes this thread to find out that a head is too long. */
const OVERFLOW_MS = 25;

/** Bytes: of the body as the script sees it, of anything at all. */
interface BodyLimits {
  maxBytes: number;
  hostBytes: number;
  /** Counts what has come; throws when it is too much, for the execution or for the host's memory. */
  onBytes(bytes: number): void;
}

/** What went wrong after the head had come. */
interface Broken {
  message: string;
  code?: string;
  /** The limit in bytes that the body broke. */
  maxBytes?: number;
  timedOut?: true;
}

/**
 * The operation `http`: one request, one response; redirects are followed in the guest, each as an operation of its
 * own. See HttpParams for what goes in. The answer is `{status, statusText, headers, broken?}` with the body as
 * payload. With `stream`, head and body come as a `head` event and `chunk`s, unless all of it is there at once.
 * Errors have the codes of node:http; a time-out of the script's own has `reason: 'deadline'`.
 */
export function createHttpModule(options: { upstream: Upstream; limits?: Partial<HttpLimits> }): HostModule {
  const limits = { ...defaultHttpLimits, ...options.limits };
  let heldInAll = 0;

  async function http(raw: unknown, bytes: Uint8Array | undefined, scope: OperationScope): Promise<Answer> {
    const params = HttpParams.parse(raw);
    const request = { ...toUpstreamRequest(params, bytes), execution: scope.execution() };
    if ((request.body?.byteLength ?? 0) > limits.requestBytes) throw new BodyTooLarge(limits.requestBytes);
    const hostBytes = limits.responseBytes;
    const maxBytes = Math.min(hostBytes, params.maxBytes ?? hostBytes);
    const limited = params.timeoutMs !== undefined || params.idleMs !== undefined;
    const deadline = createDeadline(scope.signal, params.timeoutMs, limited);
    const ended = scope.upstreamStarted();
    const started = performance.now();
    const recording = scope.recorder()?.http(request);
    let held = 0;
    const onBytes = (bytes: number) => {
      held += bytes;
      heldInAll += bytes;
      if (!scope.spendBytes(bytes)) throw tooManyBytes();
      if (heldInAll > MAX_HELD_BYTES) throw tooMuchHeld();
    };
    const bodyLimits = { maxBytes, hostBytes, onBytes };
    try {
      const pending = options.upstream.request(request, deadline.signal);
      // Certificates and keys of the script's own are read at once, on this thread.
      scope.chargeCpu(performance.now() - started);
      const response = await pending;
      deadline.restart(params.idleMs);
      const answer = params.stream
        ? await streamed(response, params, bodyLimits, scope, deadline, recording)
        : await whole(response, params, bodyLimits, scope, deadline, recording);
      recording?.end(brokenOf(answer));
      scope.log('upstream', 'debug', `${spoken(request)} ${response.status} ${elapsed(started)} ms`);
      return answer;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'HPE_HEADER_OVERFLOW') scope.chargeCpu(OVERFLOW_MS);
      recording?.end({ error, blocked: egressBlockReason(error) });
      throw reported(error, request, started, scope, deadline);
    } finally {
      heldInAll -= held;
      deadline.close();
      ended();
    }
  }

  return { async: { http } };
}

function headOf({ status, statusText, headers }: UpstreamResponse) {
  return { status, statusText, headers };
}

async function whole(
  response: UpstreamResponse,
  params: HttpParams,
  { maxBytes, hostBytes, onBytes }: BodyLimits,
  scope: OperationScope,
  deadline: Deadline,
  recording: HttpRecording | undefined,
): Promise<Answer> {
  const head = headOf(response);
  const encoding = params.decompress ? encodingOf(response.headers) : undefined;
  recording?.head(head, encoding !== undefined);
  if (params.skipRedirectBody && isRedirect(response)) {
    response.body.discard();
    return { value: head };
  }
  try {
    // A small body may be larger compressed than it is plain: the script's limit is for what comes out.
    const chunks = await response.body.collect(encoding ? hostBytes : maxBytes, onBytes);
    const bytes = joined(chunks);
    const plain = encoding ? await decompress(bytes, encoding, maxBytes, scope) : bytes;
    recording?.body(plain);
    return { value: head, payload: crossing(plain, params.as) };
  } catch (error) {
    return { value: { ...head, broken: brokenBy(error, deadline) } };
  }
}

async function streamed(
  response: UpstreamResponse,
  params: HttpParams,
  limits: BodyLimits,
  scope: OperationScope,
  deadline: Deadline,
  recording: HttpRecording | undefined,
): Promise<Answer> {
  // To a small answer one crossing is enough.
  if (response.body.complete) return whole(response, params, limits, scope, deadline, recording);
  const encoding = params.decompress ? encodingOf(response.headers) : undefined;
  recording?.head(response, encoding !== undefined);
  scope.emit('head', headOf(response));
  const chunks = encoding ? decompressed(response.body, encoding) : response.body;
  await sendInChunks(chunks, scope, {
    maxBytes: limits.maxBytes,
    onChunk(chunk) {
      const { byteLength: bytes } = chunk;
      recording?.body(chunk);
      deadline.restart(params.idleMs);
      if (!scope.spendBytes(bytes)) throw tooManyBytes();
      if (encoding) scope.chargeCpu(bytes * MS_PER_INFLATED_BYTE);
    },
  });
  return {};
}

/** What the script is told of a body that did not come whole. */
function brokenOf({ value }: Answer): { error?: unknown } {
  const { broken } = (value ?? {}) as { broken?: Broken };
  return broken ? { error: broken } : {};
}

function tooMuchHeld(): Error {
  const message = `The responses that the connection is reading are larger than ${MAX_HELD_BYTES} bytes together`;
  return Object.assign(new Error(message), { code: 'ERR_HTTP_BODY_TOO_LARGE' });
}

function isRedirect({ status, headers }: UpstreamResponse): boolean {
  if (status < 300 || status >= 400) return false;
  return headers.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'location');
}

function joined(chunks: Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

function crossing(bytes: Uint8Array, as: HttpParams['as']): string | Uint8Array {
  switch (as) {
    case 'bytes':
      return bytes;
    case 'auto':
      return isUtf8(bytes) ? asText(bytes) : bytes;
    case 'text':
      return asText(bytes);
    default:
      return as satisfies never;
  }
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function brokenBy(error: unknown, deadline: Deadline): Broken {
  const { code } = error as NodeJS.ErrnoException;
  const message = withoutAddresses((error as Error).message);
  if (deadline.expired) return { message: 'The response took too long', timedOut: true };
  if (error instanceof BodyTooLarge) return { message, code: error.code, maxBytes: error.maxBytes };
  return { message, ...(code === undefined ? {} : { code }) };
}

function reported(
  error: unknown,
  request: UpstreamRequest,
  started: number,
  scope: OperationScope,
  deadline: Deadline,
): unknown {
  const blocked = egressBlockReason(error);
  if (blocked) {
    scope.log('egress_blocked', 'warn', `${request.method} ${request.origin}: ${blocked}`);
    return error;
  }
  const { code, name } = error as NodeJS.ErrnoException;
  const outcome = deadline.expired ? 'ETIMEDOUT' : (code ?? name);
  scope.log('upstream', 'debug', `${spoken(request)} ${outcome} ${elapsed(started)} ms`);
  if (!deadline.expired) return error;
  return Object.assign(new Error('The request took too long'), { code: 'ETIMEDOUT', reason: 'deadline' });
}

/** Without the query, where identifiers and keys are often found. */
function spoken({ method, origin, path }: UpstreamRequest): string {
  const query = path.indexOf('?');
  return `${method} ${origin}${query < 0 ? path : path.slice(0, query)}`;
}

function elapsed(started: number): number {
  return Math.round(performance.now() - started);
}
