import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { duplexPair, PassThrough } from 'node:stream';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createLineChannel, type Duplex } from '../../sandbox/contract/line-channel.ts';
import { type FromHost, ToHost } from '../../sandbox/contract/messages.ts';
import { Outcome } from '../../sandbox/contract/outcome.ts';
import { silentLog } from '../../src/log.ts';
import { createPool } from '../../src/pool/create-pool.ts';
import { type SandboxProcess, spawnSandbox } from '../../src/pool/spawn-sandbox.ts';
import { fuzz, fuzzTimeoutMs } from './fuzz.ts';
import { bytesNear, execution, fromHost } from './messages.ts';

vi.mock('../../src/pool/spawn-sandbox.ts');

/** A sandbox process as its parent sees it, within this one; `onRun` has its end of the pipe once it is to run a script. */
function sandboxProcess(onRun: (stream: NodeJS.WritableStream, end: () => void) => void): SandboxProcess {
  const [ours, theirs] = duplexPair();
  const child = Object.assign(new EventEmitter(), { pid: 1, stderr: new PassThrough(), kill });
  let ended = false;
  function kill(): boolean {
    if (ended) return false;
    ended = true;
    ours.destroy();
    theirs.destroy();
    setImmediate(() => child.emit('close', null, 'SIGKILL'));
    return true;
  }
  theirs.on('error', () => {});
  const channel = createLineChannel<ToHost, FromHost>(theirs as Duplex, {
    parse: (value) => ToHost.parse(value),
    onMessage(message) {
      if (message.type === 'start') channel.send({ type: 'ready', pid: 1 });
      if (message.type === 'run') onRun(theirs, kill);
    },
    onBroken: kill,
    soon: setImmediate,
  });
  return { child: child as unknown as ChildProcess, stream: ours };
}

const jobOf = (id: string) => ({
  execution: id,
  tenant: 'default',
  definition: {
    name: 'acme',
    version: 'v1',
    isolation: 'connection' as const,
    configuration: {},
    scripts: [],
  },
  action: 'login' as const,
  args: [],
  wallMs: 30_000,
  repeatable: false,
  onEvent() {},
});

const timings = { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
const answer = (id: string): FromHost => ({
  type: 'done',
  execution: id,
  outcome: { kind: 'returned', result: '"well"', notes: [] },
  timings,
});

test('whatever a sandbox process sends, its execution ends and another takes its place', {
  timeout: fuzzTimeoutMs,
}, async () => {
  const wellBehaved = () => sandboxProcess((stream) => stream.write(`${JSON.stringify(answer('exec_2'))}\n`));
  await fuzz(
    fc.tuple(bytesNear(fromHost), fc.integer({ min: 1, max: 40 })),
    async ([sent, pieceBytes]) => {
      vi.mocked(spawnSandbox).mockReset();
      vi.mocked(spawnSandbox).mockImplementation(wellBehaved);
      const gone = Promise.withResolvers<void>();
      vi.mocked(spawnSandbox).mockImplementationOnce(() => {
        const first = sandboxProcess((stream, end) => {
          for (let from = 0; from < sent.length; from += pieceBytes)
            stream.write(sent.subarray(from, from + pieceBytes));
          // It has died of what it did by then, or dies now.
          setTimeout(end, 5);
        });
        first.child.once('close', () => gone.resolve());
        return first;
      });
      const pool = createPool({
        guestDirectory: '/',
        processes: 1,
        limits: { wallMs: 30_000, cpuMs: 1_000, memoryMb: 64 },
        egressAllow: [],
        upstream: 'network',
        maxUnderWay: 8,
        maxWaiting: 8,
        processMemoryMb: 1_536,
        connectionMaxWaiting: 8,
        maxOwnProcesses: 1,
        debugEvents: true,
        log: silentLog,
      });
      const { outcome } = await pool.execute(jobOf(execution));
      Outcome.parse(outcome);
      // One that has said that it is spoiled goes on until another is up: what it were given now would die with it.
      await gone.promise;
      // Waits for the one that takes the place.
      await expect.poll(() => pool.stats().restarts, { interval: 5 }).toBe(1);
      expect((await pool.execute(jobOf('exec_2'))).outcome).toMatchObject({
        kind: 'returned',
        result: '"well"',
      });
      await pool.close();
    },
    150,
  );
});
