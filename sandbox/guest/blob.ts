import { Buffer } from 'buffer';
import { ReadableStream } from 'web-streams-polyfill';

/** Blob and File of the File API, held in memory. */

const bytesIn = Symbol('bytes');

type Part = string | ArrayBuffer | ArrayBufferView | Blob;
interface BlobOptions {
  type?: string;
  endings?: 'transparent' | 'native';
}

export class Blob {
  #bytes: Uint8Array<ArrayBuffer>;
  readonly #type: string;

  constructor(parts: Iterable<Part> = [], options: BlobOptions = {}) {
    if (typeof parts !== 'object' || parts === null || !(Symbol.iterator in parts)) {
      throw Object.assign(new TypeError('The "sources" argument must be a sequence'), {
        code: 'ERR_INVALID_ARG_TYPE',
      });
    }
    this.#bytes = joined([...parts].map(bytesOf));
    this.#type = /^[\x20-\x7e]*$/.test(options.type ?? '') ? (options.type ?? '').toLowerCase() : '';
  }

  get size(): number {
    return this.#bytes.byteLength;
  }

  get type(): string {
    return this.#type;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#bytes.slice().buffer;
  }

  async bytes(): Promise<Uint8Array> {
    return this.#bytes.slice();
  }

  async text(): Promise<string> {
    return Buffer.from(this.#bytes.buffer).toString('utf8');
  }

  slice(start = 0, end = this.size, type = ''): Blob {
    return new Blob([this.#bytes.slice(start, end)], { type });
  }

  stream(): ReadableStream<Uint8Array> {
    const bytes = this.#bytes;
    return new ReadableStream({
      start(controller) {
        if (bytes.byteLength > 0) controller.enqueue(bytes.slice());
        controller.close();
      },
    });
  }

  get [Symbol.toStringTag](): string {
    return 'Blob';
  }

  static [bytesIn](blob: Blob): Uint8Array {
    return blob.#bytes;
  }
}

export class File extends Blob {
  readonly name: string;
  readonly lastModified: number;

  constructor(parts: Iterable<Part>, name: string, options: BlobOptions & { lastModified?: number } = {}) {
    super(parts, options);
    this.name = String(name);
    this.lastModified = options.lastModified ?? Date.now();
  }

  override get [Symbol.toStringTag](): string {
    return 'File';
  }
}

/** A blob's own bytes, for those who send them: not to be written to. */
export function bytesOfBlob(blob: Blob): Uint8Array {
  return Blob[bytesIn](blob);
}

function bytesOf(part: Part): Uint8Array {
  if (part instanceof Blob) return bytesOfBlob(part);
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  if (ArrayBuffer.isView(part)) return new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
  return Buffer.from(String(part), 'utf8');
}

function joined(chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
