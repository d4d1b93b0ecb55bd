import { createLineChannel } from '../../sandbox/contract/line-channel.ts';
import { FromHost, type Limits, type ToHost } from '../../sandbox/contract/messages.ts';
import type { Logger } from '../log.ts';
import { createLateListeners } from './late-listeners.ts';
import type { Finished, Job } from './pool.ts';
import type { SandboxStart } from './sandbox-start.ts';
import { spawnSandbox } from './spawn-sandbox.ts';
import { answerUpstreamRequests, type PerformUpstream } from './upstream-requests.ts';

export interface ChildOptions {
  guestDirectory: string;
  start: SandboxStart;
  limits: Limits;
  egressAllow: readonly string[];
  upstream: 'network' | { perform: PerformUpstream };
  /** Whether events of level `debug` are wanted. */
  debugEvents: boolean;
  log: Logger;
  onReady(): void;
  /** It must not be given more work, but what is under way may end. */
  onSpoiled(reason: string): void;
  /** It is gone; every job it carried has been answered with `crashed`. */
  onExit(): void;
}

/** One sandbox process, seen from the service. */
export interface Child {
  execute(job: Job): Promise<Finished>;
  unload(connection: string, version: string): void;
  underWay(): number;
  kill(): void;
}

interface Carried {
  job: Job;
  finish(finished: Finished): void;
  overdue: NodeJS.Timeout;
}

/** The process answers at the deadline by itself; one that has not by then is not trusted any more. */
const OVERDUE_AFTER_MS = 250;
const PONG_WITHIN_MS = 1_000;

export function createChild(options: ChildOptions): Child {
  const { child, stream } = spawnSandbox(options.start);
  const { log } = options;
  const carried = new Map<string, Carried>();
  const loaded = new Set<string>();
  const late = createLateListeners<Job['onEvent']>();
  let pongDue: NodeJS.Timeout | undefined;

  const channel = createLineChannel<FromHost, ToHost>(stream, {
    parse: (value) => FromHost.parse(value),
    onMessage: receive,
    onBroken: (error) => {
      log.error({ pid: child.pid, err: error }, 'a sandbox process sent what is no message');
      kill();
    },
    soon: setImmediate,
  });
  const upstream = answerUpstreamRequests(options.upstream, channel.send);

  stream.on('error', () => kill());
  child.on('error', (error) => log.error({ err: error }, 'a sandbox process could not be started'));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log.warn({ pid: child.pid, text: text.slice(0, 2_000) }, 'a sandbox process wrote to its standard error');
  });
  child.once('close', (code, signal) => {
    log.debug({ pid: child.pid, code, signal }, 'a sandbox process ended');
    clearTimeout(pongDue);
    upstream.close();
    late.close();
    for (const execution of [...carried.keys()]) finish(execution, crashed);
    options.onExit();
  });

  channel.send({
    type: 'start',
    limits: options.limits,
    egressAllow: [...options.egressAllow],
    upstream: options.upstream === 'network' ? 'network' : 'parent',
    guestDirectory: options.guestDirectory,
    debugEvents: options.debugEvents,
  });

  function receive(message: FromHost): void {
    switch (message.type) {
      case 'done':
        return finish(message.execution, message);
      case 'event':
        return listenerOf(message.execution)?.(message);
      case 'ready':
        log.debug({ pid: child.pid }, 'a sandbox process is up');
        return options.onReady();
      case 'spoiled':
        return options.onSpoiled(message.reason);
      case 'pong':
        return clearTimeout(pongDue);
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
    late.add(execution, entry.job.onEvent);
    clearTimeout(entry.overdue);
    entry.finish({ outcome, timings });
  }

  function onOverdue({ execution, wallMs }: Job): void {
    finish(execution, { outcome: { kind: 'timeout', limit: 'wall', limitMs: wallMs }, timings: noTimings });
    clearTimeout(pongDue);
    pongDue = setTimeout(kill, PONG_WITHIN_MS);
    channel.send({ type: 'ping', id: 0 });
  }

  function kill(): void {
    child.kill('SIGKILL');
  }

  return {
    execute(job) {
      const { name, version } = job.definition;
      const key = `${name}\n${version}`;
      if (!loaded.has(key)) {
        loaded.add(key);
        channel.send({ type: 'load', definition: job.definition });
      }
      const { execution, action, wallMs } = job;
      const args = JSON.stringify(job.args);
      channel.send({ type: 'run', execution, connection: name, version, action, args, wallMs });
      return new Promise((resolve) => {
        const overdue = setTimeout(onOverdue, wallMs + OVERDUE_AFTER_MS, job);
        carried.set(execution, { job, finish: resolve, overdue });
      });
    },
    unload(connection, version) {
      if (loaded.delete(`${connection}\n${version}`)) channel.send({ type: 'unload', connection, version });
    },
    underWay: () => carried.size,
    kill,
  };
}

const noTimings = { queueMs: 0, scriptMs: 0, upstreamMs: 0, cpuMs: 0, coldStart: false };
const crashed: Finished = { outcome: { kind: 'crashed' }, timings: noTimings };
