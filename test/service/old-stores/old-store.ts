import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ActionName } from '../../../sandbox/contract/actions.ts';
import { connectionFiles, type RunningService, startService } from '../running-service.ts';

/** A user store with what scripts of its time need to reach it. */
export interface OldStore {
  configuration: Record<string, string>;
  /** Addresses that the scripts may reach. */
  egress: string[];
  /** Sessions that the scripts have open on the server. */
  connections(): number | Promise<number>;
  close(): Promise<void>;
}

/** A store with its service; the connection is named `acme`. */
export interface RunningStore extends AsyncDisposable {
  service: RunningService;
  store: OldStore;
}

const folder = path.join(import.meta.dirname, 'scripts');

/** The scripts of a set, as its author left them. */
export function readScripts(set: string): Scripts {
  const files = readdirSync(path.join(folder, set)).map((file) => [
    path.basename(file, '.js'),
    readFileSync(path.join(folder, set, file), 'utf8'),
  ]);
  return Object.fromEntries(files);
}

export type Scripts = Partial<Record<ActionName, string>>;

/** What scripts need; `secrets`: what neither an answer nor the log may hold, beside passwords and URLs. */
export type Surroundings = Pick<OldStore, 'configuration' | 'egress'> & { secrets?: readonly string[] };

/** Scripts by the connections that have them, in one service. */
export function serveConnections(
  connections: Record<string, Scripts>,
  { configuration, egress, secrets = [] }: Surroundings,
): Promise<RunningService> {
  const values = Object.entries(configuration).filter(([key]) => /PASSWORD|URL/.test(key));
  const files = Object.entries(connections).map(([name, scripts]) =>
    connectionFiles(name, scripts, { configuration }),
  );
  return startService({
    files: Object.assign({}, ...files),
    env: { DRAWBRIDGE_EGRESS_ALLOW: egress.join(',') },
    secrets: [...values.map(([, value]) => value), ...secrets].filter((value) => value.length >= 4),
  });
}

/** Serves a set of scripts over a store; ends both. */
export async function serveStore(set: string, store: OldStore): Promise<RunningStore> {
  try {
    const service = await serveConnections({ acme: readScripts(set) }, store);
    const close = async () => {
      await service.stop();
      await store.close();
    };
    return { service, store, [Symbol.asyncDispose]: close };
  } catch (error) {
    await store.close();
    throw error;
  }
}
