import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Manifest, manifestName, snapshotName } from '../build/read-guest-build.ts';
import type { ConnectionDefinition, ScriptDefinition } from '../contract/definition.ts';
import type { FromHost, ToHost } from '../contract/messages.ts';
import { type ConnectionRuntime, createConnectionRuntime } from './connection-runtime.ts';
import { createEgressPolicy } from './egress.ts';
import { entriesFor } from './egress-rules.ts';
import { createExchangeRecorder } from './exchange-recorder.ts';
import { readSnapshot } from './isolate.ts';
import { createLibraries } from './libraries.ts';
import { bcryptModule } from './modules/bcrypt.ts';
import { cryptoModule } from './modules/crypto.ts';
import { createDnsModule } from './modules/dns.ts';
import { createHttpModule } from './modules/http.ts';
import { createSocketModule } from './modules/socket.ts';
import { timersModule } from './modules/timers.ts';
import { zlibModule } from './modules/zlib.ts';
import { createNameLookups } from './name-lookups.ts';
import { collectOperations } from './operation-table.ts';
import { createParentCalls } from './parent-calls.ts';
import { createSocketBudget } from './socket-budget.ts';
import { createSpareIsolates, type SpareIsolate } from './spare-isolates.ts';
import { createTenantIsolate } from './tenant-isolate.ts';
import { createNetworkUpstream, createParentUpstream } from './upstream.ts';

type Start = Extract<ToHost, { type: 'start' }>;

export interface Sandbox {
  receive(message: Exclude<ToHost, Start>): void;
}

/** All that one sandbox process holds: the connections it was told of, by version, each with its runtime. */
export function createSandbox(start: Start, send: (message: FromHost) => void): Sandbox {
  const { limits } = start;
  const runtimes = new Map<string, ConnectionRuntime>();
  const read = (file: string) => readFileSync(join(start.guestDirectory, file));
  const manifest = Manifest.parse(JSON.parse(read(manifestName).toString()));
  const libraries = createLibraries(start.guestDirectory, manifest);
  const lookups = createNameLookups();
  const budget = createSocketBudget();
  const parent = createParentCalls(send);
  const spares = createSpareIsolates({
    snapshot: readSnapshot(read(snapshotName)),
    memoryLimitMb: limits.memoryMb,
    coverage: start.coverage,
    keep: 1,
    onCatastrophe(message, spare) {
      const reason = catastrophes[message] ?? 'an isolate failed';
      send({ type: 'spoiled', reason, ...suspected(spare?.takenBy) });
      if (message === OUT_OF_MEMORY) spare?.onOutOfMemory?.();
    },
  });
  let isolates = 0;

  /** Runtimes are kept in the order of their last use. */
  function coolTheOldest(): void {
    let tooMany = isolates - MAX_WARM;
    for (const runtime of runtimes.values()) {
      if (tooMany <= 0) return;
      if (runtime.warm()) tooMany--;
      runtime.cool();
    }
  }

  async function makeIsolate(definition: ConnectionDefinition) {
    const spare = await spares.take();
    spare.takenBy = { connection: definition.name, version: definition.version };
    const policy = createEgressPolicy({
      allow: entriesFor(definition.shadowOf ?? definition.name, start.egressAllow),
      own: definition.egress,
      onlyAllowed: start.upstream === 'parent',
      resolve: lookups.of(definition.name),
    });
    const sockets = budget.of(definition.name);
    const upstream =
      start.upstream === 'network'
        ? createNetworkUpstream({ policy, sockets })
        : createParentUpstream(parent.ask, policy);
    isolates++;
    coolTheOldest();
    return createTenantIsolate({
      definition,
      spare,
      operations: collectOperations([
        timersModule,
        cryptoModule,
        zlibModule,
        bcryptModule,
        libraries.module,
        createHttpModule({ upstream }),
        createSocketModule({ policy, sockets }),
        createDnsModule({ policy }),
      ]),
      librariesOf: async (script: ScriptDefinition) => libraries.namedBy(script.requires),
      memoryLimitMb: limits.memoryMb,
      onDisposed() {
        isolates--;
        upstream.close();
      },
    });
  }

  return {
    receive(message) {
      switch (message.type) {
        case 'load': {
          const { definition } = message;
          const { cpuMs, memoryMb } = limits;
          const options = { definition, cpuMs, memoryMb, coverage: start.coverage === true };
          const runtime = createConnectionRuntime({ ...options, makeIsolate: () => makeIsolate(definition) });
          runtimes.set(keyOf(definition.name, definition.version), runtime);
          return;
        }
        case 'unload': {
          const key = keyOf(message.connection, message.version);
          runtimes.get(key)?.retire();
          runtimes.delete(key);
          return;
        }
        case 'run':
          return run(message);
        case 'ping': {
          const rssMb = process.memoryUsage.rss() / 1024 / 1024;
          const { user, system } = process.threadCpuUsage();
          return send({ type: 'pong', id: message.id, rssMb, isolates, threadMs: (user + system) / 1_000 });
        }
        case 'upstream-answer':
        case 'upstream-failed':
          return parent.answered(message);
        default:
          return message satisfies never;
      }
    },
  };

  function run(message: Extract<ToHost, { type: 'run' }>): void {
    const { execution, connection, version } = message;
    const key = keyOf(connection, version);
    const runtime = runtimes.get(key);
    if (!runtime) throw new Error(`The parent has not loaded version ${version} of ${connection}`);
    runtimes.delete(key);
    runtimes.set(key, runtime);
    const recorder = message.record
      ? createExchangeRecorder((exchange) => send({ type: 'exchange', execution, exchange }))
      : undefined;
    runtime.run(message, {
      recorder,
      onDone(outcome, timings) {
        recorder?.close();
        send({ type: 'done', execution, outcome, timings });
      },
      onEvent(event, level, text) {
        if (level !== 'debug' || start.debugEvents) send({ type: 'event', execution, event, level, text });
      },
      onStuck: () =>
        send({
          type: 'spoiled',
          reason: 'a script could not be interrupted',
          suspect: { connection, version },
        }),
    });
  }
}

/** Isolates per process that are kept warm: 7 MB each. */
const MAX_WARM = 100;

const OUT_OF_MEMORY = 'Catastrophic out-of-memory error';

/** isolated-vm's words for what it cannot recover from, and ours. */
const catastrophes: Readonly<Record<string, string>> = {
  'Script failed to terminate': 'a script could not be interrupted',
  [OUT_OF_MEMORY]: 'a script used more memory than its isolate may',
};

const suspected = (suspect: SpareIsolate['takenBy']) => (suspect ? { suspect } : {});

const keyOf = (connection: string, version: string) => `${connection}\n${version}`;
