/** Headers of the Fetch standard, §5.1. */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const notAllowed = /[\0\r\n]|[^\0-\xff]/;

export type HeadersInit = Headers | Iterable<Iterable<string>> | Record<string, unknown>;

export class Headers {
  /** Lower-case name to its values, in the order in which they were appended. */
  #values = new Map<string, string[]>();

  constructor(init?: HeadersInit | null) {
    if (init === undefined || init === null) return;
    if (typeof init !== 'object')
      throw new TypeError('Headers constructor: init must be a sequence or a record');
    if (init instanceof Headers) {
      for (const [name, values] of init.#values) this.#values.set(name, [...values]);
    } else if (Symbol.iterator in init) {
      for (const entry of init as Iterable<Iterable<string>>) this.#appendPair([...entry]);
    } else {
      for (const [name, value] of Object.entries(init)) this.append(name, value);
    }
  }

  /** Raw name, value, name, value, as the host gives them. */
  static fromRaw(raw: readonly string[]): Headers {
    const headers = new Headers();
    for (let index = 0; index < raw.length; index += 2) {
      const name = raw[index]!.toLowerCase();
      const values = headers.#values.get(name);
      if (values) values.push(raw[index + 1]!);
      else headers.#values.set(name, [raw[index + 1]!]);
    }
    return headers;
  }

  append(name: string, value: unknown): void {
    const key = checkedName(name, 'append');
    const values = this.#values.get(key);
    const checked = checkedValue(value, 'append');
    if (values) values.push(checked);
    else this.#values.set(key, [checked]);
  }

  delete(name: string): void {
    this.#values.delete(checkedName(name, 'delete'));
  }

  get(name: string): string | null {
    const values = this.#values.get(checkedName(name, 'get'));
    return values ? joined(name.toLowerCase(), values) : null;
  }

  getSetCookie(): string[] {
    return [...(this.#values.get('set-cookie') ?? [])];
  }

  has(name: string): boolean {
    return this.#values.has(checkedName(name, 'has'));
  }

  set(name: string, value: unknown): void {
    this.#values.set(checkedName(name, 'set'), [checkedValue(value, 'set')]);
  }

  forEach(callback: (value: string, name: string, headers: Headers) => void, thisArg?: unknown): void {
    for (const [name, value] of this) callback.call(thisArg, value, name, this);
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of [...this.#values.keys()].sort()) {
      const values = this.#values.get(name) ?? [];
      if (name === 'set-cookie') for (const value of values) yield [name, value];
      else yield [name, joined(name, values)];
    }
  }

  *keys(): IterableIterator<string> {
    for (const [name] of this.entries()) yield name;
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }

  get [Symbol.toStringTag](): string {
    return 'Headers';
  }

  #appendPair(pair: string[]): void {
    if (pair.length !== 2)
      throw new TypeError('Headers constructor: expected name/value pair to be length 2');
    this.append(pair[0]!, pair[1]);
  }
}

function joined(name: string, values: string[]): string {
  return values.join(name === 'cookie' ? '; ' : ', ');
}

function checkedName(name: unknown, method: string): string {
  const text = String(name);
  if (!token.test(text)) throw new TypeError(`Headers.${method}: ${text} is an invalid header name.`);
  return text.toLowerCase();
}

function checkedValue(value: unknown, method: string): string {
  const text = String(value).replace(/^[\t\r\n ]+|[\t\r\n ]+$/g, '');
  if (notAllowed.test(text)) throw new TypeError(`Headers.${method}: the value is an invalid header value.`);
  return text;
}
