import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from '../../src/connections/connection.ts';
import { createDirectoryStore } from '../../src/connections/directory-store.ts';
import { checkReadiness } from '../../src/passkeys/check-readiness.ts';
import type { ReadinessReport } from '../../src/passkeys/report.ts';
import type { TenantSettings } from '../../src/passkeys/settings/settings.ts';
import { settingsCodes } from '../../src/passkeys/settings/settings-codes.ts';
import { moduleTable } from '../scripts/module-table.ts';

/** Connections that each have the one fault they are named after: `outage-as-not-found-2`; `sound` has none. */
export const faultyRoot = fileURLToPath(new URL('faulty', import.meta.url));

/** The code that is to be found in a connection of this name; undefined for `sound`. */
export function plantedIn(name: string): string | undefined {
  return name === 'sound' ? undefined : name.replace(/-\d+$/, '').replaceAll('-', '_');
}

/** The connections with a fault of this table of codes, in the order of their names. */
export function faultyFolders(codes: Readonly<Record<string, unknown>>): string[] {
  return readdirSync(join(faultyRoot, 'database-connections')).filter((name) =>
    Object.hasOwn(codes, plantedIn(name) ?? ''),
  );
}

export async function openConnections(
  root: string,
  env: Record<string, string> = {},
): Promise<readonly Connection[]> {
  const store = await createDirectoryStore({
    root,
    env,
    placeholder: (key) => `MISSING_${key}`,
    modules: moduleTable,
    watch: false,
  });
  await store.close();
  return store.list();
}

export function reportOf(connection: Connection, tenant: TenantSettings = {}): ReadinessReport {
  return checkReadiness({ connection, tenant, modules: moduleTable });
}

/** Of what counts in the settings, each once. */
export function codesOf({ findings }: ReadinessReport): string[] {
  const counted = findings.filter(({ code, ignored }) => ignored === undefined && code in settingsCodes);
  return [...new Set(counted.map(({ code }) => code))];
}

/** A copy with other options; a connection's definition is not enumerable. */
export function withOptions(connection: Connection, change: Partial<Connection['options']>): Connection {
  return {
    ...connection,
    definition: connection.definition,
    options: { ...connection.options, ...change },
  };
}
