import { ZodError } from 'zod';
import type { ExecutionEvent } from '../contract/messages.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';

/** What crosses into the guest beside the JSON: text as it is, bytes as a buffer. */
export type Payload = string | Uint8Array;

export interface Answer {
  /** Anything JSON. */
  value?: unknown;
  payload?: Payload;
}

/** What an asynchronous operation has while it runs. It owns its resources and lets go of them on `signal`. */
export interface OperationScope {
  /** Aborted when the guest cancels, when the execution ends or when its isolate goes. */
  readonly signal: AbortSignal;
  /** Sends an event of the operation's own to the guest; the answer or the error comes after all of them. */
  emit(type: string, value?: unknown, payload?: Payload): void;
  /** Hears what the guest sends with `operation.send`. */
  onMessage(listener: (type: string, value: unknown, bytes: Uint8Array | undefined) => void): void;
  /** Outlives the execution it was started in: it is suspended with its context and goes on with it. */
  keep(kept: KeptOperation): void;
  /** Counts bytes of this execution that went over a socket; false when there are too many. */
  spendBytes(bytes: number): boolean;
  /** The execution that is under way in the context, `exec_…`. */
  execution(): string | undefined;
  /** Where what goes on with upstreams is to be told; in most executions nowhere. */
  recorder(): ExchangeRecorder | undefined;
  /** A line for the operator's log. */
  log(event: ExecutionEvent['event'], level: ExecutionEvent['level'], text: string): void;
  /** Counts the time of an upstream call; call the result when it has ended. */
  upstreamStarted(): () => void;
  /** Counts work done for the script outside of its isolate; the execution ends when its CPU budget is spent. */
  chargeCpu(ms: number): void;
}

/**
 * An operation that stays with its context from one execution to the next, as a pool's sockets and timers do. In
 * between its context is frozen: what it emits is handed over when the next execution begins.
 */
export interface KeptOperation {
  /** No execution is under way any more. */
  suspend(): void;
  /** The next one begins. */
  resume(): void;
  /** Cancelled by the guest, or gone with its context. Instead of `signal`, which costs more. */
  end(): void;
  /** Whether it may yet lead to a call of the callback, so that "no callback" cannot be said. */
  mayCall(): boolean;
  /**
   * After the callback: until when (by performance.now) the context is kept going for its sake. 0: it need not be;
   * Infinity: until it ends. `graceEnd`: when the context stops in any case.
   */
  goesOnUntil(graceEnd: number): number;
  /** Whether what a later execution's entry for it throws is none of that execution's business. */
  throwsForItself(): boolean;
}

export type SyncOperation = (params: unknown, bytes: Uint8Array | undefined) => Answer;
export type AsyncOperation = (
  params: unknown,
  bytes: Uint8Array | undefined,
  scope: OperationScope,
) => Promise<Answer>;

/**
 * The privileged half of a bridged module. Operations parse their params (they come from hostile code) and throw
 * Errors whose message, `code` and plain properties the script may see: never a host path, never a host stack.
 */
export interface HostModule {
  sync?: Record<string, SyncOperation>;
  async?: Record<string, AsyncOperation>;
}

export interface ErrorOnTheWire {
  name?: string;
  message: string;
  code?: string;
  props?: Record<string, unknown>;
}

/** OpenSSL puts the id of its thread, which is an address in this process, before what it has to say of a connection. */
export function withoutAddresses(message: string): string {
  return message.replace(/\b[0-9A-F]{8,16}:(?=error:)/g, '').trimEnd();
}

const propertiesThatCross = [
  'errno',
  'syscall',
  'hostname',
  'address',
  'port',
  'host',
  'reason',
  'library',
] as const;

export function errorOnTheWire(error: unknown): ErrorOnTheWire {
  if (error instanceof ZodError) return wrongParams(error);
  if (!(error instanceof Error)) return { message: 'The operation failed' };
  const fields = error as Error & Record<string, unknown>;
  const props: Record<string, unknown> = {};
  for (const key of propertiesThatCross) if (fields[key] !== undefined) props[key] = fields[key];
  return {
    name: error.name,
    message: withoutAddresses(error.message),
    ...(typeof fields.code === 'string' ? { code: fields.code } : {}),
    ...(Object.keys(props).length > 0 ? { props } : {}),
  };
}

/** A schema's own message is a list of all that it has found. */
function wrongParams({ issues }: ZodError): ErrorOnTheWire {
  const { path = [], message = '' } = issues[0] ?? {};
  const where = path.length > 0 ? `${path.join('.')}: ` : '';
  return {
    name: 'TypeError',
    message: `${where}${message}`.slice(0, MAX_FINDING),
    code: 'ERR_INVALID_ARG_VALUE',
  };
}

const MAX_FINDING = 500;
