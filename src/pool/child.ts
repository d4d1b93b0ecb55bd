import { createLineChannel } from '../../sandbox/contract/line-channel.ts';
import { FromHost, type ToHost } from '../../sandbox/contract/messages.ts';
import { createCounts } from './counts.ts';
import { createLateListeners } from './late-listeners.ts';
import { countOomKills } from './oom-kills.ts';
import type { Finished, Job } from './pool.ts';
import type { ProcessOptions } from './pool-options.ts';
import type { Suspect } from './quarantine.ts';
import { readFatalLine } from './read-fatal-line.ts';
import type { SandboxStart } from './sandbox-start.ts';
import { spawnSandbox } from './spawn-sandbox.ts';
import { answerUpstreamRequests } from './upstream-requests.ts';
import { isStopped, watchProcess } from './watch-process.ts';

export interface ChildHooks {
  onReady(): void;
  /** It answers again after it was silent. */
  onResponsive(): void;
  /** It must not be given more work, but what is under way may end. `suspect`: whose script did it, where known. */
  onSpoiled(reason: string, suspect: Suspect | undefined): void;
  /** It is gone; every job it carried has been answered with `crashed`. */
  onExit(death: Death): void;
}

interface ChildOptions extends ProcessOptions, ChildHooks {
  sandboxStart: SandboxStart;
}

export interface Death {
  reason: string;
  /** Whether a script can have brought it about; somebody who ends a process from outside is no script. */
  ofItself: boolean;
  /** Whose executions were under way, or had been until a moment before. */
  suspects: Suspect[];
}

/** One sandbox process, seen from the service. */
export interface Child {
  execute(job: Job): Promise<Finished>;
  unload(connection: string, version: string): void;
  underWay(): number;
  underWayOf(connection: string): number;
  /** It has missed a deadline or a heartbeat, and may be about to be ended: nothing should be begun in it. */
  isSilent(): boolean;
  kill(): void;
}

interface Carried {
  job: Job;
  finish(finished: Finished): void;
  overdue: NodeJS.Timeout;
}

/** The process answers at the deadline by itself; one that has not by then is not trusted any more. */
const OVERDUE_AFTER_MS = 250;
const PONG_WITHIN_MS = 3_000;
const READY_WITHIN_MS = 30_000;
/** A script may go on for so long after its callback. */
const GRACE_MS = 1_000;
/** Of what it says on its standard error the end is kept: that is where it says what it dies of. */
const MAX_LAST_WORDS = 16 * 1024;
/** The id of pings that are not heartbeats. */
const OVERDUE_PING = 0;

export function createChild(options: ChildOptions): Child {
  const { child, stream } = spawnSandbox(options.sandboxStart);
  const { log } = options;
  const carried = new Map<string, Carried>();
  const counts = createCounts();
  const loaded = new Set<string>();
  const late = createLateListeners<Job['onEvent']>();
  const lastFinished = new Map<string, { suspect: Suspect; at: number }>();
  let pongDue: NodeJS.Timeout | undefined;
  let lastWords = '';
  let lostBecause: string | undefined;
  const oomKillsBefore = countOomKills();

  const channel = createLineChannel<FromHost, ToHost>(stream, {
    parse: (value) => FromHost.parse(value),
    onMessage: receive,
    onBroken: () => end('it sent what is no message'),
    soon: setImmediate,
  });
  const upstream = answerUpstreamRequests(options.upstream, channel.send);
  const watch = watchProcess({
    pid: child.pid,
    memoryMb: options.processMemoryMb,
    ping: (id) => channel.send({ type: 'ping', id }),
    onSpoiled: (reason) => options.onSpoiled(reason, undefined),
    onLost: end,
  });
  let readyDue: NodeJS.Timeout | undefined = setTimeout(end, READY_WITHIN_MS, 'it did not start');

  stream.on('error', () => kill());
  child.on('error', (error) => log.error({ err: error }, 'a sandbox process could not be started'));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    lastWords = `${lastWords}${text}`.slice(-MAX_LAST_WORDS);
  });
  child.once('close', (code, signal) => {
    clearTimeout(pongDue);
    clearTimeout(readyDue);
    watch.close();
    upstream.close();
    late.close();
    const death = autopsy(code, signal);
    for (const execution of [...carried.keys()]) finish(execution, crashed);
    log.debug({ pid: child.pid, code, signal, reason: death.reason }, 'a sandbox process ended');
    options.onExit(death);
  });

  channel.send({
    type: 'start',
    limits: options.limits,
    egressAllow: [...options.egressAllow],
    upstream: options.upstream === 'network' ? 'network' : 'parent',
    guestDirectory: options.guestDirectory,
    debugEvents: options.debugEvents,
    ...(options.coverage ? { coverage: true } : {}),
  });

  function receive(message: FromHost): void {
    switch (message.type) {
      case 'done':
        return finish(message.execution, message);
      case 'event':
        return listenerOf(message.execution)?.(message);
      case 'exchange':
        return carried.get(message.execution)?.job.onExchange?.(message.exchange);
      case 'ready':
        log.debug({ pid: child.pid }, 'a sandbox process is up');
        clearTimeout(readyDue);
        readyDue = undefined;
        return options.onReady();
      case 'spoiled':
        return options.onSpoiled(message.reason, message.suspect);
      case 'pong':
        return onPong(message);
      case 'upstream-request':
      case 'upstream-abort':
        return upstream.receive(message);
      default:
        return message satisfies never;
    }
  }

  function listenerOf(execution: string): Job['onEvent'] | undefined {
    return carried.get(execution)?.job.onEvent ?? late.get(execution);
  }

  function finish(execution: string, { outcome, timings }: Finished): void {
    const entry = carried.get(execution);
    if (!entry) return;
    carried.delete(execution);
    counts.add(entry.job.definition.name, -1);
    late.add(execution, entry.job.onEvent);
    const { name, version } = entry.job.definition;
    lastFinished.set(name, { suspect: { connection: name, version }, at: performance.now() });
    clearTimeout(entry.overdue);
    entry.finish({ outcome, timings });
  }

  function onOverdue({ execution, wallMs }: Job): void {
    finish(execution, { outcome: { kind: 'timeout', limit: 'wall', limitMs: wallMs }, timings: noTimings });
    clearTimeout(pongDue);
    pongDue = setTimeout(end, PONG_WITHIN_MS, 'it did not keep a deadline and did not answer');
    channel.send({ type: 'ping', id: OVERDUE_PING });
  }

  function onPong(message: Extract<FromHost, { type: 'pong' }>): void {
    const wasSilent = isSilent();
    if (message.id === OVERDUE_PING) {
      clearTimeout(pongDue);
      pongDue = undefined;
    } else watch.pong(message);
    if (wasSilent && !isSilent()) options.onResponsive();
  }

  function isSilent(): boolean {
    return pongDue !== undefined || watch.isSilent();
  }

  /** Ends it because of what it does. */
  function end(reason: string): void {
    if (!isStopped(child.pid)) lostBecause ??= reason;
    kill();
  }

  function kill(): void {
    child.kill('SIGKILL');
  }

  function autopsy(code: number | null, signal: NodeJS.Signals | null): Death {
    const outOfMemory =
      signal === 'SIGKILL' && countOomKills() > oomKillsBefore ? 'the system had no memory left' : undefined;
    const known = lostBecause ?? readFatalLine(lastWords) ?? outOfMemory;
    const fromOutside = known === undefined && signal !== null && endsFromOutside.has(signal);
    return {
      reason: known ?? (code !== null ? `it ended with exit code ${code}` : `it ended with ${signal}`),
      ofItself: !fromOutside,
      suspects: suspects(),
    };
  }

  function suspects(): Suspect[] {
    const found = new Map<string, Suspect>();
    const since = performance.now() - GRACE_MS;
    for (const [name, { suspect, at }] of lastFinished) if (at >= since) found.set(name, suspect);
    for (const { job } of carried.values()) {
      const { name, version } = job.definition;
      found.set(name, { connection: name, version });
    }
    return [...found.values()];
  }

  return {
    execute(job) {
      const { name, version } = job.definition;
      const key = `${name}\n${version}`;
      if (!loaded.has(key)) {
        loaded.add(key);
        channel.send({ type: 'load', definition: job.definition });
      }
      const { execution, action, wallMs, onExchange } = job;
      const args = JSON.stringify(job.args);
      const run = { type: 'run', execution, connection: name, version, action, args, wallMs } as const;
      channel.send(onExchange ? { ...run, record: true } : run);
      return new Promise((resolve) => {
        const overdue = setTimeout(onOverdue, wallMs + OVERDUE_AFTER_MS, job);
        carried.set(execution, { job, finish: resolve, overdue });
        counts.add(name, 1);
      });
    },
    unload(connection, version) {
      lastFinished.delete(connection);
      if (loaded.delete(`${connection}\n${version}`)) channel.send({ type: 'unload', connection, version });
    },
    underWay: () => carried.size,
    underWayOf: counts.of,
    isSilent,
    kill,
  };
}

/** How operators and the system end processes; a script that makes V8 give up ends its process by other signals. */
const endsFromOutside: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP']);

const noTimings = { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
const crashed: Finished = { outcome: { kind: 'crashed' }, timings: noTimings };
