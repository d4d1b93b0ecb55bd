import fc from 'fast-check';
import { expect, test } from 'vitest';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';
import { planSandboxStart } from '../../src/pool/sandbox-start.ts';
import { spawnSandbox } from '../../src/pool/spawn-sandbox.ts';
import { fuzz, fuzzTimeoutMs } from './fuzz.ts';
import { bytesNear, toHost } from './messages.ts';

test('a sandbox process that is sent garbage dies or goes on, and never hangs', {
  timeout: fuzzTimeoutMs,
}, async () => {
  const { directory } = await locateGuestBuild();
  const start = {
    type: 'start',
    limits: { wallMs: 1_000, cpuMs: 500, memoryMb: 64 },
    egressAllow: [],
    upstream: 'network',
    guestDirectory: directory,
    debugEvents: true,
  };
  const ends = { died: 0, answered: 0 };
  await fuzz(
    fc.tuple(fc.boolean(), bytesNear(toHost)),
    async ([started, sent]) => {
      const { child, stream } = spawnSandbox(planSandboxStart({ guestDirectory: directory }));
      const closed = new Promise<'died'>((resolve) => child.once('close', () => resolve('died')));
      let heard = '';
      const answered = new Promise<'answered'>((resolve) => {
        stream.setEncoding('utf8').on('data', (text: string) => {
          heard += text;
          if (/"pong","id":4711/.test(heard)) resolve('answered');
        });
      });
      stream.on('error', () => {});
      child.stderr?.resume();
      if (started) stream.write(`${JSON.stringify(start)}\n`);
      stream.write(sent);
      stream.write(`\n${JSON.stringify({ type: 'ping', id: 4711 })}\n`);
      // Without a start it has nothing to answer with: then the pipe is closed, which it has to notice.
      if (!started) stream.end();
      const end = await Promise.race([closed, answered]);
      ends[end]++;
      child.kill('SIGKILL');
      await closed;
    },
    25,
  );
  expect(ends.died).toBeGreaterThan(0);
});
