import type { RequestHandler } from 'express';
import { ServiceError } from '../errors.ts';

/** Counts the requests under way and turns new ones away once the service is to end. */
export interface Draining {
  readonly started: boolean;
  readonly underWay: number;
  /** From now on new work is refused. Resolves when what was under way has been answered. */
  start(): Promise<void>;
  /** Goes before the routes that are work; health and metrics are not. */
  admit: RequestHandler;
}

export function createDraining(): Draining {
  let started = false;
  let underWay = 0;
  let waiting: (() => void)[] = [];

  function finished(): void {
    underWay -= 1;
    if (started && underWay === 0) {
      for (const resolve of waiting) resolve();
      waiting = [];
    }
  }

  return {
    get started() {
      return started;
    },
    get underWay() {
      return underWay;
    },
    start() {
      started = true;
      if (underWay === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    admit(_req, res, next) {
      if (started) {
        throw new ServiceError('overloaded', {
          detail: 'The service is shutting down; another instance may take the request',
          retryAfterS: 1,
        });
      }
      underWay += 1;
      res.once('close', finished);
      next();
    },
  };
}
