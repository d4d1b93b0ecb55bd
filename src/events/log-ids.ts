import { randomBytes } from 'node:crypto';

const MOST_IN_A_MILLISECOND = 1_000_000;

export const logIdForm = /^\d{20}[0-9a-f]{8}$/;

/**
 * 14 digits of Unix time in milliseconds, 6 of a sequence within them, and 8 that tell processes apart. They never go
 * back, though the clock may: paging and the order of lines rely on it.
 */
export function createLogIds(): (nowMs: number) => string {
  const tag = randomBytes(4).toString('hex');
  let ms = 0;
  let sequence = 0;
  let prefix = '';
  return (nowMs) => {
    sequence += 1;
    if (nowMs > ms || sequence === MOST_IN_A_MILLISECOND) {
      ms = Math.max(Math.trunc(nowMs), ms + 1);
      sequence = 0;
      prefix = '';
    }
    prefix ||= String(ms).padStart(14, '0');
    return `${prefix}${String(sequence).padStart(6, '0')}${tag}`;
  };
}
