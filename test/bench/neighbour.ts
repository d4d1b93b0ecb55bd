/** One that sends far more than its share, in a process of its own; it says what came of it when it is told to stop. */
import { type OpenLoadOptions, openLoad } from './open-load.ts';

process.on('message', async (options: OpenLoadOptions) => {
  process.send?.(await openLoad(options));
});
process.send?.({ port: 0 });
