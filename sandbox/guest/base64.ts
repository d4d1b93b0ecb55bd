import { Buffer } from 'buffer';
import { DOMException } from './dom-exception.ts';

/** `btoa` and `atob` of the HTML standard, §8.3. Both throw InvalidCharacterError. */

export function btoa(text: unknown): string {
  const string = String(text);
  for (let index = 0; index < string.length; index++) {
    if (string.charCodeAt(index) > 255) throw new DOMException('Invalid character', 'InvalidCharacterError');
  }
  return Buffer.from(string, 'latin1').toString('base64');
}

export function atob(text: unknown): string {
  const compact = String(text).replace(/[\t\n\f\r ]/g, '');
  const bare = compact.length % 4 === 0 ? compact.replace(/={1,2}$/, '') : compact;
  if (bare.length % 4 === 1 || /[^+/0-9A-Za-z]/.test(bare)) {
    throw new DOMException('The string to be decoded is not correctly encoded.', 'InvalidCharacterError');
  }
  return Buffer.from(bare, 'base64').toString('latin1');
}
