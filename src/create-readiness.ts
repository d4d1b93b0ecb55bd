import { setImmediate, setTimeout } from 'node:timers/promises';
import type { ModuleTable } from '../sandbox/contract/modules.ts';
import type { Connection, ConnectionStore } from './connections/connection.ts';
import { readTenantSettings, type TenantFilesOptions } from './connections/read-tenant-settings.ts';
import type { Logger } from './log.ts';
import { checkReadiness, type SeenBehaviour } from './passkeys/check-readiness.ts';
import type { ReadinessReport } from './passkeys/report.ts';
import { passkeysWanted } from './passkeys/settings/settings.ts';

export interface Readiness {
  /** Reads the settings of the tenant anew each time: they are a few small files. */
  report(connection: Connection, behaviour?: SeenBehaviour): Promise<ReadinessReport>;
  /** What to warn of before anything is run: of a connection that wants passkeys and is not ready for them. */
  warning(connection: Connection): Promise<string | undefined>;
}

export function createReadiness({
  modules,
  ...files
}: TenantFilesOptions & { modules: ModuleTable }): Readiness {
  async function report(connection: Connection, behaviour?: SeenBehaviour): Promise<ReadinessReport> {
    return checkReadiness({ connection, tenant: await readTenantSettings(files), modules, behaviour });
  }
  return {
    report,
    async warning(connection) {
      if (!passkeysWanted(connection.options)) return undefined;
      const { ready, findings } = await report(connection);
      return ready ? undefined : notReady(connection.name, files.root, findings);
    },
  };
}

function notReady(name: string, directory: string, findings: ReadinessReport['findings']): string {
  const errors = findings.filter(({ severity, ignored }) => severity === 'error' && ignored === undefined);
  const codes = [...new Set(errors.map(({ code }) => code))].join(', ');
  const command = `npx drawbridge check ${name} --dir ${directory}`;
  return `passkeys are enabled, but will not work: ${codes}; "${command}" says what to change`;
}

/** The start waits no longer for it; what is found later is logged when it is found. */
const START_WAITS_MS = 1_000;

/**
 * What to warn of in each connection that is served, by name, kept up to date. Resolves when all have been looked at
 * once, or after a second. What is found until then is logged by the caller, what comes later here. One connection is
 * looked at per turn of the event loop: reading scripts takes milliseconds, and calls are answered meanwhile.
 */
export async function watchReadiness(
  store: Pick<ConnectionStore, 'list' | 'get' | 'onChange'>,
  readiness: Pick<Readiness, 'warning'>,
  logger: Logger,
): Promise<ReadonlyMap<string, string>> {
  const warnings = new Map<string, string>();
  const waiting = new Set<string>();
  let underWay: Promise<void> | undefined;
  let started = false;

  async function look(name: string): Promise<void> {
    const connection = store.get(name);
    warnings.delete(name);
    if (!connection) return;
    try {
      const warning = await readiness.warning(connection);
      if (warning === undefined) return;
      warnings.set(name, warning);
      if (started) logger.warn({ connection: name }, warning);
    } catch (error) {
      logger.error({ connection: name, err: error }, 'it could not be checked whether passkeys will work');
    }
  }

  async function lookAtWaiting(): Promise<void> {
    for (const name of waiting) {
      await setImmediate();
      waiting.delete(name);
      await look(name);
    }
    underWay = undefined;
  }

  function add(name: string): void {
    waiting.add(name);
    underWay ??= lookAtWaiting();
  }

  store.onChange((change) => {
    if (change.kind !== 'problem' && change.kind !== 'solved') add(change.connection.name);
  });
  for (const { name } of store.list()) add(name);
  await Promise.race([underWay, setTimeout(START_WAITS_MS, undefined, { ref: false })]);
  started = true;
  return warnings;
}
