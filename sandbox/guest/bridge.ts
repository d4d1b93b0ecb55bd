/**
 * The guest's end of the bridge to the host. Two functions of the host are all there is; they are kept in this
 * closure and never reach a global. Only strings and bytes cross.
 *
 * One context runs one execution at a time, so whatever happens in it belongs to the execution that is under way.
 */

/** Answers `[json, payload?]`; blocks the isolate until the host has answered. Never throws. */
export type CallSync = (op: string, json: string, bytes?: ArrayBuffer) => [string, Payload?];
/** Returns at once; the host reads it when it gets to it. */
export type Post = (kind: string, id: number, json: string, bytes?: ArrayBuffer) => void;

export type Payload = string | ArrayBuffer;

/** How an error crosses: made into a real Error of this realm on arrival. */
export interface ErrorOnTheWire {
  name?: string;
  message: string;
  code?: string;
  /** Further own properties, such as errno, syscall, hostname, address, port. */
  props?: Record<string, unknown>;
}

/** `done` and `failed` are the last of an operation; other types are the operation's own. */
export interface OperationEvent {
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: each operation knows the shape of its own events
  value: any;
  payload?: Payload | undefined;
}

export interface HostAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: each operation knows the shape of its own answer
  value: any;
  payload?: Payload | undefined;
}

export interface Operation {
  readonly id: number;
  /** A further message to the operation's host half. */
  send(type: string, value?: unknown, bytes?: ArrayBuffer): void;
  /** No event comes after this. */
  cancel(): void;
}

/** Posts between two synchronous calls: what makes a flood of posts wait for the host. */
const POSTS_PER_FLUSH = 64;

let callSync: CallSync | undefined;
let postToHost: Post | undefined;
let posted = 0;
let nextId = 1;
const underWay = new Map<number, (event: OperationEvent) => void>();

const { parse, stringify } = JSON;

export function connectBridge(sync: CallSync, post: Post): void {
  callSync = sync;
  postToHost = post;
}

/** For tests: what is under way and would be answered. */
export function operationsUnderWay(): number {
  return underWay.size;
}

export function post(kind: string, id: number, value: unknown, bytes?: ArrayBuffer): void {
  if (!postToHost || !callSync) throw new Error('The host cannot be reached yet');
  postToHost(kind, id, value === undefined ? '' : stringify(value), bytes);
  if (++posted % POSTS_PER_FLUSH === 0) callSync('flush', '');
}

/** Asks the host and waits. For short work only: it holds the isolate and the host's thread. */
export function callHost(op: string, params: unknown, bytes?: ArrayBuffer): HostAnswer {
  if (!callSync) throw new Error('The host cannot be reached yet');
  const [json, payload] = callSync(op, stringify(params ?? null), bytes);
  const answer = parse(json) as { ok: true; value?: unknown } | { ok: false; error: ErrorOnTheWire };
  if (!answer.ok) throw errorFromHost(answer.error);
  return { value: answer.value, payload };
}

/**
 * Starts an operation of the host. The execution is not at rest until it is done, has failed or is cancelled, but for
 * timers and sockets, which stay with the context.
 */
export function startOperation(
  op: string,
  params: unknown,
  bytes: ArrayBuffer | undefined,
  onEvent: (event: OperationEvent) => void,
): Operation {
  const id = nextId++;
  underWay.set(id, onEvent);
  post(`+${op}`, id, params ?? null, bytes);
  return {
    id,
    send(type, value, more) {
      if (underWay.has(id)) post(`>${type}`, id, value, more);
    },
    cancel() {
      if (underWay.delete(id)) post('-', id, undefined);
    },
  };
}

/** An operation with a single answer. */
export function hostPromise(op: string, params: unknown, bytes?: ArrayBuffer): Promise<HostAnswer> {
  return new Promise((resolve, reject) => {
    startOperation(op, params, bytes, (event) => {
      if (event.type === 'done') resolve({ value: event.value, payload: event.payload });
      else if (event.type === 'failed') reject(event.value as Error);
    });
  });
}

/** Called by the host, through the dispatcher, for each event of an operation. */
export function deliver(id: number, type: string, json: string, payload: Payload | undefined): void {
  const listener = underWay.get(id);
  if (!listener) return;
  const last = type === 'done' || type === 'failed';
  if (last) underWay.delete(id);
  const value = json === '' ? undefined : parse(json);
  listener({ type, value: type === 'failed' ? errorFromHost(value as ErrorOnTheWire) : value, payload });
}

export function errorFromHost(wire: ErrorOnTheWire): Error {
  const constructors: Record<string, ErrorConstructor> = { TypeError, RangeError, SyntaxError };
  const error = new (constructors[wire.name ?? ''] ?? Error)(wire.message);
  if (wire.code !== undefined) Object.assign(error, { code: wire.code });
  return Object.assign(error, wire.props);
}

/** The bytes of a view as a buffer of their own, as the bridge wants them. */
export function toArrayBuffer(view: Uint8Array): ArrayBuffer {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
}
