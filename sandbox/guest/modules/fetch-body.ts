import { Buffer } from 'buffer';
import { ReadableStream } from 'web-streams-polyfill';
import { Blob, bytesOfBlob } from '../blob.ts';
import { notImplemented } from '../not-implemented.ts';
import { encodeFormData, FormData } from './fetch-form-data.ts';
import type { Headers } from './headers.ts';

declare const URLSearchParams: new (init?: string) => Iterable<[string, string]>;

/** Where a body is: whole, as text or bytes, or yet to come. */
export type BodySource =
  | { kind: 'none' }
  | { kind: 'text'; text: string }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'stream'; stream: ReadableStream<Uint8Array> };

/** What a script gave as a body, and the content type that goes with it (Fetch standard, "extract a body"). */
export function extractBody(body: unknown): { source: BodySource; type?: string } {
  if (body === null || body === undefined) return { source: { kind: 'none' } };
  if (typeof body === 'string')
    return { source: { kind: 'text', text: body }, type: 'text/plain;charset=UTF-8' };
  if (body instanceof URLSearchParams) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return { source: { kind: 'text', text: String(body) }, type };
  }
  if (body instanceof FormData) {
    const { type, bytes } = encodeFormData(body);
    return { source: { kind: 'bytes', bytes }, type };
  }
  if (body instanceof Blob) {
    const source: BodySource = { kind: 'bytes', bytes: bytesOfBlob(body) };
    return body.type ? { source, type: body.type } : { source };
  }
  if (body instanceof ArrayBuffer) return { source: { kind: 'bytes', bytes: new Uint8Array(body.slice(0)) } };
  if (ArrayBuffer.isView(body)) {
    const bytes = new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
    return { source: { kind: 'bytes', bytes } };
  }
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError('Response body object should not be disturbed or locked');
    return { source: { kind: 'stream', stream: body } };
  }
  if (typeof body === 'object' && Symbol.asyncIterator in body) {
    const stream = ReadableStream.from(body as AsyncIterable<Uint8Array>);
    return { source: { kind: 'stream', stream } };
  }
  return { source: { kind: 'text', text: String(body) }, type: 'text/plain;charset=UTF-8' };
}

/** What Request and Response share (Fetch standard, §5.3). */
export abstract class Body {
  abstract readonly headers: Headers;
  #source: BodySource;
  #used = false;

  constructor(source: BodySource) {
    this.#source = source;
  }

  get body(): ReadableStream<Uint8Array> | null {
    const source = this.#source;
    if (source.kind === 'none') return null;
    if (source.kind === 'stream') return source.stream;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          this.#used = true;
          const bytes = source.kind === 'text' ? Buffer.from(source.text) : source.bytes;
          if (bytes.byteLength > 0) controller.enqueue(new Uint8Array(bytes));
          controller.close();
        },
        cancel: () => {
          this.#used = true;
        },
      },
      { highWaterMark: 0 },
    );
    this.#source = { kind: 'stream', stream };
    return stream;
  }

  get bodyUsed(): boolean {
    return this.#used || (this.#source.kind === 'stream' && isDisturbed(this.#source.stream));
  }

  async text(): Promise<string> {
    const taken = await this.#take();
    const text = typeof taken === 'string' ? taken : Buffer.from(taken).toString('utf8');
    return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  }

  // biome-ignore lint/suspicious/noExplicitAny: JSON is what it is
  async json(): Promise<any> {
    return JSON.parse(await this.text());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer as ArrayBuffer;
  }

  async bytes(): Promise<Uint8Array> {
    const taken = await this.#take();
    return new Uint8Array(typeof taken === 'string' ? Buffer.from(taken) : taken);
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type') ?? '';
    if (!/^application\/x-www-form-urlencoded/i.test(type))
      throw notImplemented('reading multipart/form-data');
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(await this.text())) form.append(name, value);
    return form;
  }

  /** The source for a copy; a stream is split in two. */
  protected fork(): BodySource {
    if (this.bodyUsed || (this.#source.kind === 'stream' && this.#source.stream.locked)) {
      throw new TypeError('Response.clone: Body has already been consumed.');
    }
    if (this.#source.kind !== 'stream') return this.#source;
    const [mine, other] = this.#source.stream.tee();
    this.#source = { kind: 'stream', stream: mine };
    return { kind: 'stream', stream: other };
  }

  /** The source for another object; this one counts as read from then on. */
  protected surrender(): BodySource {
    if (this.bodyUsed)
      throw new TypeError('Cannot construct a Request with a Request object that has already been used.');
    const source = this.#source;
    this.#used = true;
    return source;
  }

  /** The whole body, once. */
  protected take(): Promise<string | Uint8Array> {
    return this.#take();
  }

  protected hasBody(): boolean {
    return this.#source.kind !== 'none';
  }

  async #take(): Promise<string | Uint8Array> {
    const source = this.#source;
    if (source.kind === 'none') return '';
    if (this.bodyUsed || (source.kind === 'stream' && source.stream.locked)) {
      throw new TypeError('Body is unusable: Body has already been read');
    }
    this.#used = true;
    switch (source.kind) {
      case 'text':
        return source.text;
      case 'bytes':
        return source.bytes;
      case 'stream':
        return readAll(source.stream);
      default:
        return source satisfies never;
    }
  }
}

/** Streams standard, §9.3: whether it was ever read from or cancelled. The polyfill keeps it as a field. */
function isDisturbed(stream: ReadableStream<Uint8Array>): boolean {
  return (stream as unknown as { _disturbed?: boolean })._disturbed ?? stream.locked;
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    if (typeof value === 'string') chunks.push(Buffer.from(value));
    else if (ArrayBuffer.isView(value)) chunks.push(value);
    else throw new TypeError('Received non-Uint8Array chunk');
  }
}
