/** Header names and values as node:http has them: checks on the way out, merging on the way in. */

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const badInValue = /[^\t\x20-\x7e\x80-\xff]/;

/** Of these the first counts, further ones are dropped (Node's http documentation, `message.headers`). */
const onlyOnce = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

export type MergedHeaders = Record<string, string | string[]>;

/** Raw name, value, name, value to `message.headers`. */
export function mergeHeaders(raw: readonly string[]): MergedHeaders {
  const merged: MergedHeaders = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    const value = raw[index + 1]!;
    const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
    if (name === 'set-cookie') merged[name] = [...((before as string[] | undefined) ?? []), value];
    else if (before === undefined) define(merged, name, value);
    else if (!onlyOnce.has(name))
      merged[name] = `${before as string}${name === 'cookie' ? '; ' : ', '}${value}`;
  }
  return merged;
}

/** `__proto__` is a header name like any other. */
function define(headers: MergedHeaders, name: string, value: string): void {
  if (name !== '__proto__') headers[name] = value;
  else Object.defineProperty(headers, name, { value, enumerable: true, writable: true, configurable: true });
}

export function headersDistinct(raw: readonly string[]): Record<string, string[]> {
  const distinct: Record<string, string[]> = Object.create(null);
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index]!.toLowerCase();
    distinct[name] = [...(distinct[name] ?? []), raw[index + 1]!];
  }
  return distinct;
}

/** Throws ERR_INVALID_HTTP_TOKEN. */
export function validateHeaderName(name: unknown, label = 'Header name'): asserts name is string {
  if (typeof name === 'string' && token.test(name)) return;
  throw coded('ERR_INVALID_HTTP_TOKEN', `${label} must be a valid HTTP token ["${String(name)}"]`);
}

/** Throws ERR_HTTP_INVALID_HEADER_VALUE or ERR_INVALID_CHAR. */
export function validateHeaderValue(name: string, value: unknown): void {
  if (value === undefined) {
    throw coded('ERR_HTTP_INVALID_HEADER_VALUE', `Invalid value "${String(value)}" for header "${name}"`);
  }
  if (badInValue.test(String(value))) {
    throw coded('ERR_INVALID_CHAR', `Invalid character in header content ["${name}"]`);
  }
}

export function coded(code: string, message: string, kind: ErrorConstructor = TypeError): Error {
  return Object.assign(new kind(message), { code });
}
