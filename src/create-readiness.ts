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
      return ready ? undefined : notReady(connection.name, findings);
    },
  };
}

function notReady(name: string, findings: ReadinessReport['findings']): string {
  const errors = findings.filter(({ severity, ignored }) => severity === 'error' && ignored === undefined);
  const codes = [...new Set(errors.map(({ code }) => code))].join(', ');
  return `passkeys are enabled, but will not work: ${codes}; "npx drawbridge check ${name}" says what to change`;
}

/**
 * What to warn of in each connection that is served, by name, kept up to date. Resolves when all have been looked at
 * once, which logs nothing; what a change brings is logged.
 */
export async function watchReadiness(
  store: Pick<ConnectionStore, 'list' | 'get' | 'onChange'>,
  readiness: Pick<Readiness, 'warning'>,
  logger: Logger,
): Promise<ReadonlyMap<string, string>> {
  const warnings = new Map<string, string>();
  async function look(connection: Connection): Promise<string | undefined> {
    const { name, version } = connection;
    const warning = await readiness.warning(connection).catch((error: unknown) => {
      logger.error({ connection: name, err: error }, 'it could not be checked whether passkeys will work');
      return undefined;
    });
    // It may have been changed again meanwhile.
    if (store.get(name)?.version !== version) return undefined;
    if (warning === undefined) warnings.delete(name);
    else warnings.set(name, warning);
    return warning;
  }
  store.onChange((change) => {
    if (change.kind === 'removed') warnings.delete(change.connection.name);
    if (change.kind !== 'added' && change.kind !== 'changed') return;
    const { connection } = change;
    void look(connection).then((warning) => {
      if (warning !== undefined) logger.warn({ connection: connection.name }, warning);
    });
  });
  await Promise.all(store.list().map(look));
  return warnings;
}
