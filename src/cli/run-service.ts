import type { Config } from '../config.ts';
import { createService, type Service } from '../service.ts';
import { crashQuietly } from './crash-quietly.ts';
import { describeService } from './describe-service.ts';

/** npm and a terminal both pass one Ctrl+C on, so that it arrives twice within milliseconds. */
const sameSignalMs = 500;

/**
 * npm runs commands in a shell, which dies of the SIGTERM that npm passes on without passing it on in turn: the
 * service would hold its port for ever. That its parent is another one tells.
 */
function onAbandonedByNpm(end: () => void): NodeJS.Timeout | undefined {
  if (process.env.npm_command === undefined) return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    end();
  }, 250);
  return timer.unref();
}

/**
 * Resolves when the process has been told to end and the service has. A second signal, or 30 s, ends it at once;
 * the exit code is then 1.
 */
export async function untilStopped(service: Pick<Service, 'stop' | 'logger'>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<NodeJS.Signals>();
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      resolve(signal);
    } else if (performance.now() - firstAt > sameSignalMs) {
      service.logger.warn({ signal }, 'second signal; ending at once');
      process.exit(1);
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  const timer = onAbandonedByNpm(() => onSignal('SIGTERM'));
  try {
    const signal = await promise;
    service.logger.info({ signal }, 'ending: no new work, answering what is under way');
    await service.stop({ graceMs: 30_000 });
    service.logger.info({}, 'ended');
  } finally {
    clearInterval(timer);
    for (const signal of signals) process.off(signal, onSignal);
  }
}

function logsAsText({ logFormat }: Pick<Config, 'logFormat'>): boolean {
  return logFormat === 'text' || (logFormat === 'auto' && process.stdout.isTTY === true);
}

/** Starts the service, says what is running and stays until it is told to end. Throws what createService throws. */
export async function serve(config: Config): Promise<void> {
  const warnings = crashQuietly();
  const asText = logsAsText(config);
  // Where the log is JSON, standard output is for it alone.
  const output = asText ? process.stdout : process.stderr;
  const service = await createService({
    config,
    logFindings: !asText,
    onProgress: (text) => output.write(`${text}\n`),
  });
  let started: { url: string };
  try {
    started = await service.start();
  } catch (error) {
    await service.stop();
    throw error;
  }
  for (const warning of warnings) service.logger.warn({}, warning);
  const stopped = untilStopped(service);
  output.write(describeService(service, started.url));
  await stopped;
}
