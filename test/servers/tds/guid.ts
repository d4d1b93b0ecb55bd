/** On the wire the first three groups are little-endian. */
function swap(bytes: Buffer): Buffer {
  const swapped = Buffer.from(bytes);
  swapped.subarray(0, 4).reverse();
  swapped.subarray(4, 6).reverse();
  swapped.subarray(6, 8).reverse();
  return swapped;
}

export function encodeGuid(text: string): Buffer | undefined {
  const digits = text.replace(/[{}-]/g, '');
  return /^[0-9a-f]{32}$/i.test(digits) ? swap(Buffer.from(digits, 'hex')) : undefined;
}

export function decodeGuid(bytes: Buffer): string {
  const digits = swap(bytes).toString('hex').toUpperCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
