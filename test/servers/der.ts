/** DER (ITU-T X.690), as much of it as a certificate needs. */

/** One element: tag, length in its shortest form, contents. */
export function wrap(tag: number, ...contents: Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length: number[] = [];
  for (let rest = body.length; rest > 0; rest >>= 8) length.unshift(rest & 0xff);
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length, ...length), body]);
}

export const sequence = (...items: Buffer[]) => wrap(0x30, ...items);
export const set = (...items: Buffer[]) => wrap(0x31, ...items);
export const octets = (bytes: Buffer) => wrap(0x04, bytes);
export const bits = (bytes: Buffer) => wrap(0x03, Buffer.of(0), bytes);
export const utf8 = (text: string) => wrap(0x0c, Buffer.from(text, 'utf8'));
/** Big-endian, in two's complement: a positive number's first bit is clear. */
export const integer = (bytes: Buffer) => wrap(0x02, bytes);
export const context = (number: number, ...items: Buffer[]) => wrap(0xa0 | number, ...items);

/** To the second, years 1950 to 2049. */
export function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/\D/g, '').slice(2, 14);
  return wrap(0x17, Buffer.from(`${digits}Z`, 'ascii'));
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return wrap(0x06, Buffer.from(bytes));
}
