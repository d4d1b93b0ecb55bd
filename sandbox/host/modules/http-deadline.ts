/** Ends a request that takes longer than the script allows it to. */
export interface Deadline {
  readonly signal: AbortSignal;
  readonly expired: boolean;
  /** Counts from now on, or again from now on. */
  restart(ms: number | undefined): void;
  close(): void;
}

/** `ms`: until the first `restart`; without any time limit the outer signal is used as it is. */
export function createDeadline(outer: AbortSignal, ms: number | undefined, limited: boolean): Deadline {
  if (!limited) return { signal: outer, expired: false, restart() {}, close() {} };
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let expired = false;
  const giveUp = () => controller.abort();
  outer.addEventListener('abort', giveUp, { once: true });
  const deadline: Deadline = {
    signal: controller.signal,
    get expired() {
      return expired;
    },
    restart(next) {
      clearTimeout(timer);
      if (next === undefined) return;
      timer = setTimeout(() => {
        expired = true;
        giveUp();
      }, next);
    },
    close() {
      clearTimeout(timer);
      outer.removeEventListener('abort', giveUp);
    },
  };
  deadline.restart(ms);
  return deadline;
}
