import { closeSync } from 'node:fs';

/** @types/node does not have it yet. */
interface Permission {
  drop(scope: 'addon'): void;
}

/** Sends a signal; `process.kill` is a check of arguments around it. */
type SendSignal = (pid: number, signal: number) => number;

/**
 * Ends what loading the code needed and running it does not, so that whoever might get out of an isolate finds it gone.
 * Addons are native code: loading one would leave Node's permission model. A signal to the service, as the same user,
 * could stop it or open its debugger.
 */
export function giveUpPowers(inheritedFds: readonly number[]): void {
  for (const fd of inheritedFds) {
    try {
      closeSync(fd);
    } catch {
      // A wrapper has closed it.
    }
  }
  (process as unknown as { permission?: Permission }).permission?.drop('addon');
  const { pid } = process;
  const raw = process as unknown as { _kill: SendSignal };
  const send = raw._kill;
  const onlyItself: SendSignal = (target, signal) => {
    if (target !== pid) throw new Error('A sandbox process sends no signals');
    return send(pid, signal);
  };
  Object.defineProperty(process, '_kill', { value: onlyItself, writable: false, configurable: false });
  Object.defineProperty(process, '_debugProcess', { value: undefined, configurable: false });
}
