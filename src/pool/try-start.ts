import { createLineChannel } from '../../sandbox/contract/line-channel.ts';
import { FromHost, type ToHost } from '../../sandbox/contract/messages.ts';
import type { SandboxStart } from './sandbox-start.ts';
import { spawnSandbox } from './spawn-sandbox.ts';

const READY_WITHIN_MS = 20_000;
const MAX_WORDS = 500;

/**
 * Starts one sandbox process, waits until it is ready and has answered a heartbeat, for which it has to see its own memory,
 * and ends it. Answers what went wrong, if anything did.
 */
export async function tryStart(start: SandboxStart, guestDirectory: string): Promise<string | undefined> {
  const { child, stream } = spawnSandbox(start);
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  let words = '';
  const timer = setTimeout(resolve, READY_WITHIN_MS, `it was not ready within ${READY_WITHIN_MS / 1_000} s`);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(0, MAX_WORDS);
  });
  child.once('error', (error) => resolve(error.message));
  child.once('close', (code, signal) =>
    resolve(words.trim() || `it ended with ${signal ?? `exit code ${code}`} before it was ready`),
  );
  stream.on('error', () => {});
  const channel = createLineChannel<FromHost, ToHost>(stream, {
    parse: (value) => FromHost.parse(value),
    onMessage({ type }) {
      if (type === 'ready') channel.send({ type: 'ping', id: 1 });
      if (type === 'pong') resolve(undefined);
    },
    onBroken: () => resolve('descriptor 3 does not lead to it'),
    soon: setImmediate,
  });
  channel.send({
    type: 'start',
    limits: { wallMs: 1_000, cpuMs: 1_000, memoryMb: 16 },
    egressAllow: [],
    upstream: 'network',
    guestDirectory,
    debugEvents: false,
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    child.kill('SIGKILL');
  }
}
