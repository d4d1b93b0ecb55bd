import { z } from 'zod';
import type { HostModule } from '../operations.ts';

const TimerParams = z.object({
  ms: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1),
});

/** `timer`: answers after `ms` milliseconds. The event loop's order is kept among timers of one delay. */
export const timersModule: HostModule = {
  async: {
    timer(params, _bytes, scope) {
      const { ms } = TimerParams.parse(params);
      return new Promise((resolve) => {
        const finish = () => {
          scope.signal.removeEventListener('abort', stop);
          resolve({});
        };
        const stop = () => {
          if (ms === 0) clearImmediate(timer as NodeJS.Immediate);
          else clearTimeout(timer as NodeJS.Timeout);
          resolve({});
        };
        const timer = ms === 0 ? setImmediate(finish) : setTimeout(finish, ms);
        scope.signal.addEventListener('abort', stop, { once: true });
      });
    },
  },
};
