/**
 * AsyncLocalStorage for the synchronous part of a call only: V8 alone does not tell which promise job belongs to
 * which call, so a store is not seen after an `await`.
 */
class AsyncLocalStorage {
  #store: unknown;

  getStore(): unknown {
    return this.#store;
  }

  enterWith(store: unknown): void {
    this.#store = store;
  }

  run<Result>(store: unknown, callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    const before = this.#store;
    this.#store = store;
    try {
      return callback(...args);
    } finally {
      this.#store = before;
    }
  }

  exit<Result>(callback: (...args: unknown[]) => Result, ...args: unknown[]): Result {
    return this.run(undefined, callback, ...args);
  }

  disable(): void {
    this.#store = undefined;
  }

  static bind<Bound>(callback: Bound): Bound {
    return callback;
  }

  static snapshot() {
    return (callback: (...args: unknown[]) => unknown, ...args: unknown[]) => callback(...args);
  }
}

class AsyncResource {
  readonly type: string;

  constructor(type: string) {
    this.type = type;
  }

  runInAsyncScope(callback: (...args: unknown[]) => unknown, self?: unknown, ...args: unknown[]): unknown {
    return callback.apply(self, args);
  }

  bind<Bound>(callback: Bound): Bound {
    return callback;
  }

  emitDestroy(): this {
    return this;
  }

  asyncId = () => 1;
  triggerAsyncId = () => 0;

  static bind<Bound>(callback: Bound): Bound {
    return callback;
  }
}

export const asyncHooks = {
  AsyncLocalStorage,
  AsyncResource,
  createHook: () => ({ enable() {}, disable() {} }),
  executionAsyncId: () => 1,
  triggerAsyncId: () => 0,
  executionAsyncResource: () => ({}),
};
