import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Flags, loadConfig } from '../config.ts';
import { integer } from '../config-fields.ts';
import type { Service } from '../service.ts';
import type { DemoAuthServer, DemoAuthServerOptions } from './demo-auth-server.ts';
import { UsageError } from './run/errors.ts';
import { layDownTemplate } from './script-templates.ts';
import { addConfigFlags } from './serve.ts';

const connection = 'acme';

const examples = `
The users live in memory, the scripts in a temporary directory; both are gone when it ends.

Examples:
  $ npx drawbridge demo
  $ npx drawbridge demo --port 8080
  $ npx drawbridge demo --auth-server   an auth server and an application, too: passkeys in your browser
`;

export function register(program: Command): void {
  const command = program
    .command('demo')
    .description('start a service with the connection "acme" and a user store for it, to try things out');
  addConfigFlags(command, 'dir')
    .option('--auth-server', 'start an auth server over it, too, and an application to log in to')
    .option('--auth-server-port <number>', 'port of the auth server', '4000')
    .option('--app-port <number>', 'port of the application', '4001')
    .addHelpText('after', examples)
    .action((flags: DemoFlags) => demo(flags));
}

interface DemoFlags extends Flags {
  authServer?: true;
  authServerPort: string;
  appPort: string;
}

/** Runs until it is told to end, then takes down what it has put up. Throws what loadConfig and the service throw. */
async function demo({ authServer, authServerPort, appPort, ...flags }: DemoFlags): Promise<void> {
  const ports = {
    port: portOf('--auth-server-port', authServerPort),
    appPort: portOf('--app-port', appPort),
  };
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
    const login = authServer
      ? await startLogin({ bridgeUrl: url, folder: own, ...ports }, service)
      : undefined;
    const needsKey = !service.keys.open;
    process.stdout.write(demoGreeting({ url, storeUrl: store.url, connection, folder, needsKey, login }));
    const stopped = untilStopped(service);
    ready();
    await stopped;
    await login?.close();
  } finally {
    await store.close();
  }
}

/** Throws UsageError. */
function portOf(flag: string, text: string): number {
  const port = integer(1, 65_535).safeParse(text);
  if (port.success) return port.data;
  throw new UsageError(`${flag} is ${JSON.stringify(text)}; allowed: a whole number from 1 to 65535`);
}

async function startLogin(
  options: Pick<DemoAuthServerOptions, 'bridgeUrl' | 'folder' | 'port' | 'appPort'>,
  service: Pick<Service, 'stop' | 'keys'>,
): Promise<DemoAuthServer> {
  const { startDemoAuthServer } = await import('./demo-auth-server.ts');
  const apiKey = process.env.DRAWBRIDGE_API_KEY;
  return startDemoAuthServer({ ...options, apiKey, connection }).catch(async (error) => {
    await service.stop();
    throw error;
  });
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
