import { Buffer } from 'buffer';
import { Blob, bytesOfBlob, File } from '../blob.ts';

type Entry = [name: string, value: string | File];

/** FormData of the XMLHttpRequest standard, §5. */
export class FormData {
  #entries: Entry[] = [];

  append(name: string, value: unknown, filename?: string): void {
    this.#entries.push(entry(name, value, filename));
  }

  set(name: string, value: unknown, filename?: string): void {
    const made = entry(name, value, filename);
    const index = this.#entries.findIndex(([other]) => other === made[0]);
    if (index < 0) {
      this.#entries.push(made);
      return;
    }
    this.#entries = this.#entries.filter(([other], at) => at <= index || other !== made[0]);
    this.#entries[index] = made;
  }

  delete(name: string): void {
    this.#entries = this.#entries.filter(([other]) => other !== String(name));
  }

  get(name: string): string | File | null {
    return this.#entries.find(([other]) => other === String(name))?.[1] ?? null;
  }

  getAll(name: string): (string | File)[] {
    return this.#entries.filter(([other]) => other === String(name)).map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.#entries.some(([other]) => other === String(name));
  }

  forEach(callback: (value: string | File, name: string, form: FormData) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  *entries(): IterableIterator<Entry> {
    yield* this.#entries;
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.#entries) yield name;
  }

  *values(): IterableIterator<string | File> {
    for (const [, value] of this.#entries) yield value;
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'FormData';
  }
}

function entry(name: unknown, value: unknown, filename: string | undefined): Entry {
  if (!(value instanceof Blob)) return [String(name), String(value)];
  if (value instanceof File && filename === undefined) return [String(name), value];
  return [String(name), new File([value], filename ?? 'blob', { type: value.type })];
}

/** multipart/form-data as the HTML standard encodes it (§4.10.21.8). */
export function encodeFormData(form: FormData): { type: string; bytes: Uint8Array } {
  const boundary = `----drawbridge${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  const parts: Uint8Array[] = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(lineEnds(name))}"`;
    if (typeof value === 'string') {
      parts.push(Buffer.from(`${head}\r\n\r\n${lineEnds(value)}\r\n`));
      continue;
    }
    head += `; filename="${escaped(value.name)}"\r\nContent-Type: ${value.type || 'application/octet-stream'}`;
    parts.push(Buffer.from(`${head}\r\n\r\n`), bytesOfBlob(value), Buffer.from('\r\n'));
  }
  parts.push(Buffer.from(`--${boundary}--\r\n`));
  return { type: `multipart/form-data; boundary=${boundary}`, bytes: Buffer.concat(parts) };
}

function lineEnds(text: string): string {
  return text.replace(/\r?\n|\r/g, '\r\n');
}

function escaped(text: string): string {
  return text.replace(/\n/g, '%0A').replace(/\r/g, '%0D').replace(/"/g, '%22');
}
