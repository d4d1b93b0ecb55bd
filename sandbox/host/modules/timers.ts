import * as z from 'zod';
import type { HostModule } from '../operations.ts';

const TimerParams = z.object({
  ms: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
  repeats: z.boolean(),
});

/**
 * Timers up to here are a way to go on in a moment, and are waited for after the callback. Longer ones are a pool's
 * look at itself, every tenth of a second in MongoDB's driver, and would keep its context from the next call.
 */
const BRIEF_MS = 20;

/**
 * `timer`: answers after `ms` milliseconds. The event loop's order is kept among timers of one delay. One that
 * repeats emits `tick` instead, and goes on when the guest has said `again`: a busy script is not flooded.
 */
export const timersModule: HostModule = {
  async: {
    timer(params, _bytes, scope) {
      const { ms, repeats } = TimerParams.parse(params);
      return new Promise((resolve) => {
        let dueAt = 0;
        let isReferenced = true;
        let isArmed = false;
        let isLeftOver = false;
        let timer: NodeJS.Timeout | NodeJS.Immediate;

        function arm(inMs: number): void {
          dueAt = performance.now() + inMs;
          isArmed = true;
          timer = inMs === 0 ? setImmediate(fire) : setTimeout(fire, inMs);
        }
        function fire(): void {
          isArmed = false;
          if (repeats) scope.emit('tick');
          else resolve({});
        }
        function disarm(): void {
          clearImmediate(timer as NodeJS.Immediate);
          clearTimeout(timer as NodeJS.Timeout);
        }

        arm(ms);
        scope.onMessage((type) => {
          if (type === 'again' && !isArmed) arm(ms);
          else isReferenced = type === 'ref' || (type !== 'unref' && isReferenced);
        });
        scope.keep({
          suspend() {
            isLeftOver = true;
            disarm();
          },
          resume() {
            if (isArmed) arm(Math.max(0, Math.ceil(dueAt - performance.now())));
          },
          end() {
            disarm();
            resolve({});
          },
          // One that would not keep a process going, such as a socket's idle time, has nothing for a later execution.
          mayCall: () => isReferenced || !isLeftOver,
          goesOnUntil: (graceEnd) =>
            isReferenced && !repeats && ms <= BRIEF_MS && dueAt <= graceEnd ? Number.POSITIVE_INFINITY : 0,
          throwsForItself: () => true,
        });
      });
    },
  },
};
