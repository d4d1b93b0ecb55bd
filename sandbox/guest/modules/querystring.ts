/** Node's querystring: lenient where decodeURIComponent throws, and with an object of no prototype. */

type Values = Record<string, string | string[]>;

interface ParseOptions {
  maxKeys?: number;
  decodeURIComponent?: (text: string) => string;
}

interface StringifyOptions {
  encodeURIComponent?: (text: string) => string;
}

const DEFAULT_MAX_KEYS = 1000;

function escapeText(value: unknown): string {
  return encodeURIComponent(typeof value === 'object' ? String(value) : (value as string));
}

/** What is no valid escape stays as it is; what is no valid UTF-8 is replaced. */
function unescapeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
      try {
        return decodeURIComponent(escapes);
      } catch {
        return escapes
          .replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
          .replace(/%[89a-f][0-9a-f]/gi, '\ufffd');
      }
    });
  }
}

export function parse(text: unknown, separator = '&', equals = '=', options: ParseOptions = {}): Values {
  const values: Values = Object.create(null);
  if (typeof text !== 'string' || text === '') return values;
  const { maxKeys = DEFAULT_MAX_KEYS, decodeURIComponent: decode = querystring.unescape } = options;
  const pairs = text.split(separator || '&');
  for (const pair of maxKeys > 0 ? pairs.slice(0, maxKeys) : pairs) {
    if (pair === '') continue;
    const at = pair.indexOf(equals || '=');
    const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + (equals || '=').length)];
    add(values, decoded(name, decode), decoded(value, decode));
  }
  return values;
}

export function stringify(
  fields: unknown,
  separator = '&',
  equals = '=',
  { encodeURIComponent: encode = querystring.escape }: StringifyOptions = {},
): string {
  if (typeof fields !== 'object' || fields === null) return '';
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      pairs.push(`${encode(name)}${equals || '='}${encode(primitive(each))}`);
    }
  }
  return pairs.join(separator || '&');
}

function decoded(text: string, decode: (text: string) => string): string {
  const spaced = text.replace(/\+/g, ' ');
  try {
    return decode(spaced);
  } catch {
    return unescapeText(spaced);
  }
}

function add(values: Values, name: string, value: string): void {
  const known = values[name];
  if (known === undefined) values[name] = value;
  else if (Array.isArray(known)) known.push(value);
  else values[name] = [known, value];
}

/** Objects and what is not finite become empty. */
function primitive(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : '';
}

export const querystring = {
  parse,
  stringify,
  escape: escapeText,
  unescape: unescapeText,
  decode: parse,
  encode: stringify,
};
