import type { ReadyCase } from '../../fixtures/fixture-case.ts';
import { type OpenSandboxOptions, openSandbox, type TestSandbox } from '../../testkit/open-sandbox.ts';

/** The sandbox processes of a run: one for cases that touch no network, another for those that may. */
export interface Sandboxes {
  of(network: ReadyCase['network']): Promise<TestSandbox>;
  /** Those that have been started. */
  started(): Promise<TestSandbox[]>;
  close(): Promise<void>;
}

/** Each is started when it is asked for first. */
export function createSandboxes(
  egressAllow: readonly string[],
  options: Pick<OpenSandboxOptions, 'processes' | 'onCoverage'> = {},
): Sandboxes {
  const open = new Map<ReadyCase['network'], Promise<TestSandbox>>();
  return {
    of(network) {
      const sandbox =
        open.get(network) ?? openSandbox({ egressAllow: network === 'allow' ? egressAllow : [], ...options });
      open.set(network, sandbox);
      return sandbox;
    },
    started: () => Promise.all(open.values()),
    async close() {
      await Promise.all(
        [...open.values()].map((each) => each.then((sandbox) => sandbox.close()).catch(() => {})),
      );
    },
  };
}
