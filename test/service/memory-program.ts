import { writeHeapSnapshot } from 'node:v8';
import { loadConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createService } from '../../src/service.ts';

/**
 * A service in a process of its own, for tests that look into its memory. Says its address; for each message, a path, it
 * collects garbage and writes down what is left.
 */
const env = process.env as Record<string, string>;
const service = await createService({ config: loadConfig({ port: '0' }, env), env, logger: silentLog });
const { url } = await service.start();
process.send?.({ url });
process.on('message', (path: string) => {
  globalThis.gc?.();
  globalThis.gc?.();
  writeHeapSnapshot(path);
  process.send?.({ written: path });
});
process.on('disconnect', () => void service.stop({ graceMs: 0 }).then(() => process.exit(0)));
