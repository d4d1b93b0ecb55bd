import { startService } from '../service/running-service.ts';
import { filesOfTemplate } from '../service/template-service.ts';
import type { Relay } from './relay.ts';
import type { ServedTemplate } from './served-template.ts';

export interface ServeOptions {
  template: string;
  /** What the template's `.env` would hold. */
  env: Record<string, string>;
  /** In front of the store; scripts may connect to nothing else. */
  relay: Relay;
  /** What no answer and no log line may hold. */
  secrets: readonly string[];
  dump?: () => Promise<string>;
  /** Ends the store, after the service. */
  closeStore?: () => PromiseLike<void>;
}

/** A running service with a connection `acme` from the template, between the HTTP API and the store. */
export async function serveTemplate(options: ServeOptions): Promise<ServedTemplate> {
  const { template, env, relay, secrets, dump, closeStore } = options;
  const parts = new AsyncDisposableStack();
  if (closeStore) parts.defer(closeStore);
  parts.use(relay);
  const service = parts.use(
    await startService({
      files: await filesOfTemplate(template),
      env: { DRAWBRIDGE_EGRESS_ALLOW: `127.0.0.1:${relay.port}`, ...env },
      secrets,
    }),
  );
  return {
    ...(dump ? { dump } : {}),
    run: (call, body) => service.run('acme', call, body),
    async warnings() {
      const { body } = await service.call('/v1/connections/acme');
      const scripts = Object.values<{ warnings: unknown[] }>(body.scripts);
      const logged = service.log.lines.filter(({ level }) => level === 'warn' || level === 'error');
      return [...body.warnings, ...body.problems, ...scripts.flatMap(({ warnings }) => warnings), ...logged];
    },
    breakStore: () => relay.close(),
    mendStore: () => relay.open(),
    muteStore: () => relay.mute(),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}
