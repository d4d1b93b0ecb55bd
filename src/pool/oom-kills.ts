import { readFileSync } from 'node:fs';

/**
 * How many processes the system has ended so far for want of memory, those in control groups included. Its SIGKILL looks
 * like an operator's otherwise. 0 where the system is not Linux.
 */
export function countOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'latin1'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
