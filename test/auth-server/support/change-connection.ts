import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { filesOfTemplate } from '../../service/template-service.ts';
import type { Stack } from './start-stack.ts';

interface Change {
  /** Instead of the template's passkey options. */
  passkeyOptions?: Record<string, unknown>;
  authenticationMethods?: Record<string, unknown>;
  /** Makes another script of the template's. */
  getUser?: (script: string) => string;
}

/** The connection as the template has it, save for this. Resolves when the bridge works with it. */
export async function changeConnection(stack: Stack, change: Change = {}): Promise<void> {
  const folder = 'database-connections/acme';
  const files = await filesOfTemplate('http');
  const database = JSON.parse(String(files[`${folder}/database.json`]));
  const options = {
    ...database.options,
    ...(change.passkeyOptions ? { passkey_options: change.passkeyOptions } : {}),
    ...(change.authenticationMethods ? { authentication_methods: change.authenticationMethods } : {}),
  };
  const { getUser = (script) => script } = change;
  const script = getUser(String(files[`${folder}/get_user.js`]));
  const { service } = stack.bridge;
  await service.write({
    [`${folder}/database.json`]: { ...database, options },
    [`${folder}/get_user.js`]: script,
  });
  const shown = async () => (await service.call('/v1/connections/acme')).body;
  await expect.poll(shown, { timeout: 5000 }).toMatchObject({
    settings: {
      passkey_options: options.passkey_options,
      authentication_methods: options.authentication_methods,
    },
    scripts: { get_user: { sha256: createHash('sha256').update(script).digest('hex') } },
  });
}
