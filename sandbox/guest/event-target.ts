/** Event and EventTarget of the DOM standard, §2, without a tree: what a platform without documents has of them. */

interface EventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
}

type Listener = ((event: Event) => void) | { handleEvent(event: Event): void };

interface Registration {
  listener: Listener;
  capture: boolean;
  once: boolean;
  removed: boolean;
}

interface ListenerOptions {
  capture?: boolean;
  once?: boolean;
  passive?: boolean;
  signal?: { aborted: boolean; addEventListener(type: string, listener: Listener, options?: object): void };
}

export class Event {
  static readonly NONE = 0;
  static readonly CAPTURING_PHASE = 1;
  static readonly AT_TARGET = 2;
  static readonly BUBBLING_PHASE = 3;

  readonly type: string;
  readonly bubbles: boolean;
  readonly cancelable: boolean;
  readonly composed: boolean;
  readonly isTrusted = false;
  readonly timeStamp: number = Date.now();
  target: EventTarget | null = null;
  currentTarget: EventTarget | null = null;
  eventPhase: number = Event.NONE;
  defaultPrevented = false;
  cancelBubble = false;
  stopped = false;

  constructor(type: string, init: EventInit = {}) {
    this.type = String(type);
    this.bubbles = Boolean(init.bubbles);
    this.cancelable = Boolean(init.cancelable);
    this.composed = Boolean(init.composed);
    Object.defineProperty(this, 'stopped', { enumerable: false });
  }

  get srcElement(): EventTarget | null {
    return this.target;
  }

  get returnValue(): boolean {
    return !this.defaultPrevented;
  }

  composedPath(): EventTarget[] {
    return this.currentTarget ? [this.currentTarget] : [];
  }

  preventDefault(): void {
    if (this.cancelable) this.defaultPrevented = true;
  }

  stopPropagation(): void {
    this.cancelBubble = true;
  }

  stopImmediatePropagation(): void {
    this.stopped = true;
  }

  get [Symbol.toStringTag](): string {
    return 'Event';
  }
}

export class CustomEvent extends Event {
  readonly detail: unknown;

  constructor(type: string, init: EventInit & { detail?: unknown } = {}) {
    super(type, init);
    this.detail = init.detail ?? null;
  }
}

export class EventTarget {
  #registrations = new Map<string, Registration[]>();

  addEventListener(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    const { capture = false, once = false, signal } = optionsOf(options);
    if (!listener || signal?.aborted) return;
    const registrations = this.#registrations.get(type) ?? [];
    if (registrations.some((known) => known.listener === listener && known.capture === capture)) return;
    this.#registrations.set(type, [...registrations, { listener, capture, once, removed: false }]);
    signal?.addEventListener('abort', () => this.removeEventListener(type, listener, options), {
      once: true,
    });
  }

  removeEventListener(type: string, listener: Listener | null, options?: ListenerOptions | boolean): void {
    const { capture = false } = optionsOf(options);
    const kept = this.#registrations.get(type)?.filter((known) => {
      known.removed ||= known.listener === listener && known.capture === capture;
      return !known.removed;
    });
    if (kept) this.#registrations.set(type, kept);
  }

  /** A listener's throw is uncaught, as it is in Node; the other listeners have been called by then. */
  dispatchEvent(event: Event): boolean {
    event.target = this;
    event.currentTarget = this;
    event.eventPhase = Event.AT_TARGET;
    const thrown: unknown[] = [];
    for (const registration of this.#registrations.get(event.type) ?? []) {
      if (event.stopped) break;
      if (registration.removed) continue;
      const { listener, once, capture } = registration;
      if (once) this.removeEventListener(event.type, listener, capture);
      try {
        if (typeof listener === 'function') listener.call(this, event);
        else listener.handleEvent(event);
      } catch (error) {
        thrown.push(error);
      }
    }
    event.currentTarget = null;
    event.eventPhase = Event.NONE;
    if (thrown.length > 0) Promise.reject(thrown[0]);
    return !event.defaultPrevented;
  }

  get [Symbol.toStringTag](): string {
    return 'EventTarget';
  }
}

function optionsOf(options: ListenerOptions | boolean | undefined): ListenerOptions {
  return typeof options === 'boolean' ? { capture: options } : (options ?? {});
}
