import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { changeConfigurationValues } from '../../src/connections/configuration-files.ts';
import { generateEncryptionKey } from '../../src/encryption/encryption-key.ts';
import { loadCipher } from '../../src/encryption/load-cipher.ts';
import { temporaryTree } from './temporary-tree.ts';

vi.mock('node:fs/promises', { spy: true });

test('a full disk leaves the file with its values, and nothing beside it', async () => {
  const file = 'database-connections/acme/database.json';
  const text = '{"name":"acme","options":{"configuration":{"A":"hunter22"}}}';
  const { root } = await temporaryTree({ [file]: text });
  const { open: realOpen } = await vi.importActual<typeof import('node:fs/promises')>('node:fs/promises');
  vi.mocked(open).mockImplementationOnce(async (...args) => {
    const handle = await realOpen(...args);
    handle.writeFile = () => Promise.reject(Object.assign(new Error('no space left'), { code: 'ENOSPC' }));
    return handle;
  });
  const cipher = loadCipher({ keys: generateEncryptionKey() })!;
  const changing = changeConfigurationValues(root, { cipher }, ({ connection, key, value }) =>
    cipher.encrypt(value, ['configuration', connection, key]),
  );
  await expect(changing).rejects.toMatchObject({ code: 'ENOSPC', path: join(root, file) });
  expect(await readFile(join(root, file), 'utf8')).toBe(text);
  expect(await readdir(join(root, 'database-connections/acme'))).toEqual(['database.json']);
});
