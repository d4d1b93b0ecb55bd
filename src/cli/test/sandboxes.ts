import type { ReadyCase } from '../../fixtures/fixture-case.ts';
import { type OpenSandboxOptions, openSandbox, type TestSandbox } from '../../testkit/open-sandbox.ts';

/** The sandbox processes of a run: some for cases that touch no network, one for those that may. */
export interface Sandboxes {
  /** One of them, the next at each call. */
  of(network: ReadyCase['network']): Promise<TestSandbox>;
  /** Those that have been started. */
  started(): Promise<TestSandbox[]>;
  close(): Promise<void>;
}

export interface SandboxesOptions extends Pick<OpenSandboxOptions, 'onCoverage'> {
  /** Where sockets of cases may go that are allowed the network. */
  egressAllow: readonly string[];
  /** How many share the cases without network: a connection keeps to one process, so that each takes all of them. */
  processes: number;
}

/** Each is started when it is asked for first. */
export function createSandboxes({ egressAllow, processes, onCoverage }: SandboxesOptions): Sandboxes {
  const denied: Promise<TestSandbox>[] = [];
  let allowed: Promise<TestSandbox> | undefined;
  let next = 0;
  const all = () => (allowed ? [...denied, allowed] : denied);
  return {
    of(network) {
      if (network === 'allow') {
        allowed ??= openSandbox({ egressAllow, onCoverage });
        return allowed;
      }
      const index = next++ % processes;
      denied[index] ??= openSandbox({ onCoverage });
      return denied[index];
    },
    started: () => Promise.all(all()),
    async close() {
      await Promise.all(all().map((each) => each.then((sandbox) => sandbox.close()).catch(() => {})));
    },
  };
}
