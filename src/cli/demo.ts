import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Flags, loadConfig } from '../config.ts';
import { layDownTemplate } from './script-templates.ts';
import { addConfigFlags } from './serve.ts';

const connection = 'acme';

const examples = `
The users live in memory, the scripts in a temporary directory; both are gone when it ends.

Examples:
  $ npx drawbridge demo
  $ npx drawbridge demo --port 8080
`;

export function register(program: Command): void {
  const command = program
    .command('demo')
    .description('start a service with the connection "acme" and a user store for it, to try things out');
  addConfigFlags(command)
    .addHelpText('after', examples)
    .action((flags: Flags) => demo(flags));
}

/** Runs until it is told to end, then takes down what it has put up. Throws what loadConfig and the service throw. */
async function demo(flags: Flags): Promise<void> {
  const own = makeDirectory();
  const dir = join(own, 'tenant');
  const ready = exitOnSignals();
  const folder = join(dir, 'database-connections', connection);
  await layDownTemplate('http', folder, connection);

  const { startUserStore } = await import('../demo/start-user-store.ts');
  const store = await startUserStore();
  try {
    const { createService } = await import('../service.ts');
    const { crashQuietly } = await import('./crash-quietly.ts');
    crashQuietly();
    const { untilStopped } = await import('./run-service.ts');
    const { demoGreeting } = await import('./demo-greeting.ts');
    const config = demoConfig(flags, { dir, own, storeAddress: store.address });
    const service = await createService({
      config,
      env: { USER_STORE_URL: store.url, USER_STORE_TOKEN: store.credentials.token },
      onProgress: (text) => process.stderr.write(`${text}\n`),
    });
    const { url } = await service.start().catch(async (error) => {
      await service.stop();
      throw error;
    });
    process.stdout.write(
      demoGreeting({ url, storeUrl: store.url, connection, folder, needsKey: !service.keys.open }),
    );
    const stopped = untilStopped(service);
    ready();
    await stopped;
  } finally {
    await store.close();
  }
}

/**
 * As `serve` has it, but for the directory, the file of user handles beside it, the one private address that the scripts
 * call, and a log for people.
 */
function demoConfig(
  flags: Flags,
  { dir, own, storeAddress }: { dir: string; own: string; storeAddress: string },
) {
  const { env } = process;
  const egressAllow = [flags.egressAllow ?? env.DRAWBRIDGE_EGRESS_ALLOW, storeAddress]
    .filter(Boolean)
    .join(',');
  const logFormat = flags.logFormat ?? env.DRAWBRIDGE_LOG_FORMAT ?? 'text';
  const userHandlesFile =
    flags.userHandlesFile || env.DRAWBRIDGE_USER_HANDLES_FILE || join(own, 'user-handles.db');
  return loadConfig({ ...flags, dir, egressAllow, logFormat, userHandlesFile }, env);
}

/** Gone when the process ends, whichever way; only a kill leaves it behind. */
function makeDirectory(): string {
  const dir = mkdtempSync(join(tmpdir(), 'drawbridge-demo-'));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Until the service can be drained there is nothing to wait for; without this a signal would skip the clean-up. */
function exitOnSignals(): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const exit = () => process.exit(1);
  for (const signal of signals) process.on(signal, exit);
  return () => {
    for (const signal of signals) process.off(signal, exit);
  };
}
