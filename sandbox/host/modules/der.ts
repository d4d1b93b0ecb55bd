import { codedError } from './crypto-operation.ts';

/** What is needed to read DER (X.690): keys and their containers, before OpenSSL does. */

export interface DerElement {
  tag: number;
  /** Of the content, in the bytes that it was read from. */
  start: number;
  end: number;
}

export const tags = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  /** The first of the context-specific ones, constructed and not. */
  explicit0: 0xa0,
  implicit0: 0x80,
} as const;

const CONSTRUCTED = 0x20;

/** Definite lengths only (section 8.1.3); OpenSSL would take others, and no tool writes them. */
export function elementAt(der: Buffer, at: number): DerElement {
  const [tag, length] = [der[at], der[at + 1]];
  if (tag === undefined || length === undefined || length === 0x80 || length > 0x84) throw unreadable();
  const lengthBytes = length > 0x80 ? length - 0x80 : 0;
  const start = at + 2 + lengthBytes;
  if (start > der.length) throw unreadable();
  const end = start + (lengthBytes === 0 ? length : der.readUIntBE(at + 2, lengthBytes));
  if (end > der.length) throw unreadable();
  return { tag, start, end };
}

export function childrenOf(der: Buffer, { start, end }: DerElement): DerElement[] {
  const children: DerElement[] = [];
  for (let at = start; at < end; ) {
    const child = elementAt(der, at);
    if (child.end > end) throw unreadable();
    children.push(child);
    at = child.end;
  }
  return children;
}

export function isConstructed({ tag }: DerElement): boolean {
  return (tag & CONSTRUCTED) !== 0;
}

export function integerOf(der: Buffer, { start, end }: DerElement): number {
  return Number(`0x0${der.toString('hex', start, end)}`);
}

export function unreadable(): Error {
  return codedError(Error, 'ERR_OSSL_UNSUPPORTED', 'error:1E08010C:DECODER routines::unsupported');
}
