declare function setTimeout(callback: () => void, ms: number): { unref(): void };
declare function clearTimeout(timer: unknown): void;

/** When nothing has happened on a socket for a while. */
export interface Idleness {
  /** Milliseconds; 0: never. */
  set(ms: number): void;
  /** Something has happened. */
  active(): void;
  /** The socket is closed. */
  stop(): void;
}

/** `onIdle` is called once each time that it has been idle for so long. */
export function createIdleness(onIdle: () => void): Idleness {
  let limitMs = 0;
  let activeAt = 0;
  let timer: { unref(): void } | undefined;

  /** One timer that looks again, instead of one for each piece of data. */
  function look(inMs: number): void {
    timer = setTimeout(() => {
      timer = undefined;
      const leftMs = activeAt + limitMs - Date.now();
      if (leftMs > 0) look(leftMs);
      else onIdle();
    }, inMs);
    timer.unref();
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
    limitMs = 0;
  }

  return {
    set(ms) {
      stop();
      limitMs = ms;
      if (ms <= 0) return;
      activeAt = Date.now();
      look(ms);
    },
    active() {
      if (limitMs <= 0) return;
      activeAt = Date.now();
      if (!timer) look(limitMs);
    },
    stop,
  };
}
