import { changedScript, writeFiles } from './connections.ts';
import type { Disturbance } from './plan.ts';
import type { SoakedService } from './processes.ts';

export type Counts = Record<Disturbance['kind'], number>;

/** Does what is planned, when it is planned. */
export function disturb({
  plan,
  service,
  dir,
}: {
  plan: readonly Disturbance[];
  service: Pick<SoakedService, 'sandboxPids'>;
  dir: string;
}): { counts: Counts; end(): void } {
  const counts: Counts = { kill: 0, stop: 0, change: 0, break: 0 };
  const timers = plan.map((each, index) => setTimeout(carryOut, each.atMs, each, index));

  function carryOut({ kind, victim }: Disturbance, index: number): void {
    switch (kind) {
      case 'kill':
        return signal(victim, 'SIGKILL', kind);
      case 'stop':
        return signal(victim, 'SIGSTOP', kind);
      case 'change':
      case 'break':
        counts[kind]++;
        // The directory is gone when the run ends in this moment.
        void writeFiles(dir, changedScript(index, kind === 'break')).catch(() => {});
        return;
      default:
        return kind satisfies never;
    }
  }

  function signal(victim: number, name: NodeJS.Signals, kind: 'kill' | 'stop'): void {
    const pids = service.sandboxPids();
    const pid = pids[victim % Math.max(1, pids.length)];
    if (pid === undefined) return;
    try {
      process.kill(pid, name);
      counts[kind]++;
    } catch {
      // It has ended since it was listed.
    }
  }

  return {
    counts,
    end() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
