import { DOMException } from './dom-exception.ts';
import { Event, EventTarget } from './event-target.ts';
import { setTimeout } from './timers.ts';

/** AbortController and AbortSignal of the DOM standard, §3. */

/** What only the runtime can do with a signal. */
const key = Symbol('constructor');
const fire = Symbol('fire');

export class AbortSignal extends EventTarget {
  #aborted = false;
  #reason: unknown;
  onabort: ((event: Event) => void) | null = null;

  constructor(secret?: unknown) {
    super();
    if (secret !== key)
      throw Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): unknown {
    return this.#reason;
  }

  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason;
  }

  override get [Symbol.toStringTag](): string {
    return 'AbortSignal';
  }

  static abort(reason?: unknown): AbortSignal {
    const signal = new AbortSignal(key);
    AbortSignal[fire](signal, reason);
    return signal;
  }

  static timeout(ms: number): AbortSignal {
    const signal = new AbortSignal(key);
    const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
    setTimeout(() => AbortSignal[fire](signal, reason), ms).unref();
    return signal;
  }

  static any(signals: Iterable<AbortSignal>): AbortSignal {
    const combined = new AbortSignal(key);
    const sources = [...signals];
    const aborted = sources.find((source) => source.aborted);
    if (aborted) AbortSignal[fire](combined, aborted.reason);
    else {
      for (const source of sources) {
        source.addEventListener('abort', () => AbortSignal[fire](combined, source.reason), { once: true });
      }
    }
    return combined;
  }

  static [fire](signal: AbortSignal, reason: unknown): void {
    if (signal.#aborted) return;
    signal.#aborted = true;
    signal.#reason = reason ?? new DOMException('This operation was aborted', 'AbortError');
    const event = new Event('abort');
    try {
      signal.onabort?.(event);
    } finally {
      signal.dispatchEvent(event);
    }
  }
}

export class AbortController {
  readonly signal: AbortSignal = new AbortSignal(key);

  abort(reason?: unknown): void {
    AbortSignal[fire](this.signal, reason);
  }

  get [Symbol.toStringTag](): string {
    return 'AbortController';
  }
}
