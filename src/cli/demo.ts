import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { type Flags, loadConfig } from '../config.ts';
import { startUserStore } from '../demo/start-user-store.ts';
import { createService } from '../service.ts';
import { demoGreeting } from './demo-greeting.ts';
import { layDownTemplate } from './script-templates.ts';

const connection = 'acme';

export function register(program: Command): void {
  program
    .command('demo')
    .description('start a service with the connection "acme" and a user store for it, to try things out')
    .action((flags: Flags) => runDemo(flags));
}

/** Runs until SIGINT or SIGTERM, then takes everything down that it has put up. */
async function runDemo(flags: Flags): Promise<void> {
  const stopped = nextSignal();
  await using resources = new AsyncDisposableStack();

  const store = await startUserStore();
  resources.defer(() => store.close());

  const dir = await mkdtemp(join(tmpdir(), 'drawbridge-demo-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  const folder = join(dir, 'database-connections', connection);
  await layDownTemplate('http', folder, connection);

  const allowed = [flags.egressAllow ?? process.env.DRAWBRIDGE_EGRESS_ALLOW, store.address];
  const config = loadConfig({ ...flags, dir, egressAllow: allowed.filter(Boolean).join(',') }, process.env);
  const service = await createService({
    config,
    env: { USER_STORE_URL: store.url, USER_STORE_TOKEN: store.credentials.token },
    onProgress: (text) => process.stderr.write(`${text}\n`),
  });
  resources.defer(() => service.stop({ graceMs: 2_000 }));
  const { url } = await service.start();

  const needsKey = config.apiKey !== undefined || config.apiKeysFile !== undefined;
  process.stdout.write(demoGreeting({ url, storeUrl: store.url, connection, folder, needsKey }));
  await stopped;
}

/** The first one only: another signal ends the process the usual way, should the clean-up hang. */
function nextSignal(): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
