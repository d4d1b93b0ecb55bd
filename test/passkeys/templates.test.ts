import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { layDownTemplate, listTemplates } from '../../src/cli/script-templates.ts';
import { createDirectoryStore } from '../../src/connections/directory-store.ts';
import { checkReadiness } from '../../src/passkeys/check-readiness.ts';
import { locateGuestBuild } from '../../src/pool/guest-build.ts';

test('every template is ready, without a single finding', async () => {
  const templates = await listTemplates();
  const root = await mkdtemp(join(tmpdir(), 'tenant-'));
  try {
    for (const name of templates) await layDownTemplate(name, join(root, 'database-connections', name), name);
    const { modules } = await locateGuestBuild();
    const placeholder = (key: string) => `VALUE_OF_${key}`;
    const store = await createDirectoryStore({ root, env: {}, placeholder, modules, watch: false });
    await store.close();
    const reports = store.list().map((connection) => checkReadiness({ connection, tenant: {}, modules }));
    expect(reports.map(({ connection, ready, findings }) => ({ connection, ready, findings }))).toEqual(
      templates.map((connection) => ({ connection, ready: true, findings: [] })),
    );
  } finally {
    await rm(root, { recursive: true });
  }
});
