import { quotas } from './quotas.ts';

/**
 * Entries into a context that wait for its thread or are inside. They take the host's memory, of which the script's own
 * limit knows nothing.
 */
export interface WaitingEntries {
  readonly count: number;
  /** One more; what is wrong with it, when there are too many. */
  add(bytes: number): string | undefined;
  ended(bytes: number): void;
}

export function createWaitingEntries(): WaitingEntries {
  let count = 0;
  let waitingBytes = 0;
  return {
    get count() {
      return count;
    },
    add(bytes) {
      count++;
      waitingBytes += bytes;
      if (count > quotas.waitingEvents) {
        return `More than ${quotas.waitingEvents} timers and requests have ended while the script was busy`;
      }
      if (waitingBytes > quotas.waitingMb * 1024 * 1024) {
        return `More than ${quotas.waitingMb} MB have come in while the script was busy`;
      }
      return undefined;
    },
    ended(bytes) {
      count--;
      waitingBytes -= bytes;
    },
  };
}
