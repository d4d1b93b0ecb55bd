import { onTestFinished } from 'vitest';
import type { ConnectionStore, StoreChange } from '../../src/connections/connection.ts';
import { createDirectoryStore, type DirectoryStoreOptions } from '../../src/connections/directory-store.ts';
import { moduleTable } from '../scripts/module-table.ts';

/** A store that is closed after the test. It does not watch unless it is told to. */
export async function openStore(
  root: string,
  options: Partial<DirectoryStoreOptions> = {},
): Promise<ConnectionStore> {
  const store = await createDirectoryStore({ root, env: {}, modules: moduleTable, watch: false, ...options });
  onTestFinished(() => store.close());
  return store;
}

type ChangeOf<K extends StoreChange['kind']> = Extract<
  StoreChange,
  K extends 'problem' | 'solved' ? { problem: unknown } : { connection: unknown }
>;

/** Resolves with the next change of this kind. */
export function nextChange<K extends StoreChange['kind']>(
  store: ConnectionStore,
  kind: K,
): Promise<ChangeOf<K>> {
  return new Promise((resolve) => {
    store.onChange((change) => {
      if (change.kind === kind) resolve(change as ChangeOf<K>);
    });
  });
}

export const loginScript = 'function login(email, password, callback) { callback(null); }';
